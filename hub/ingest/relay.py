"""The relay: puts every change of the graph on the topic `graph.changes`, once and in order.

The last message there says how far it got. Change sets go in whole, in transactions of a producer
that all relays share, so that one that stalled is fenced by the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import structlog

from hub.ingest.counts import Counts
from hub.ingest.names import Names
from hub.ingest.patience import Patience
from resolvers.document import instant_text
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.change_tail import ChangeBell, changes_after, head
from resolvers.stores.kafka import Place
from resolvers.stores.lease import RELAY, lease
from resolvers.stores.postgres import Postgres
from resolvers.stores.tail import last_record
from resolvers.stores.transactions import Transactions

log = structlog.get_logger("hub.ingest")

MOST = 2_000
"""Changes read at a time; a transaction has the whole change sets among them, or one larger set."""
MOST_ORDINAL = 2**31 - 1


class Relay:
    """Carries the change log to Kafka."""

    def __init__(
        self, at: StoreAddresses, postgres: Postgres, names: Names, counts: Counts
    ) -> None:
        self._at = at
        self._postgres = postgres
        self._names = names
        self._place: Place = (names.changes, 0)
        self._counts = counts
        self._patience = Patience("relay")

    async def run(self) -> None:
        """Relay for ever, one process at a time; waits while a store is away."""
        while True:
            try:
                async with lease(self._postgres, RELAY):
                    await self._relay()
            except Exception as error:
                await self._patience.wait(error)

    async def _relay(self) -> None:
        bell = ChangeBell(self._postgres)
        producer = await Transactions.open(self._at, self._names.relay_producer)
        try:
            await bell.start()
            position = await self._position()
            while True:
                changes = await self._next(position)
                if changes:
                    rows = [row_of(each) for each in changes]
                    await producer.commit({self._place: rows})
                    position = changes[-1]["position"]
                    self._counts.relayed += len(rows)
                self._patience.fine()
                if not changes:
                    await bell.wait()
        finally:
            await bell.stop()
            await producer.close()

    async def _position(self) -> int:
        """The change set that was relayed last."""
        last = await last_record(self._at, self._place)
        position: int = orjson.loads(last.value)["position"] if last and last.value else 0
        _, present = await head(self._postgres)
        if present < position:
            log.warning("the change log was put back", relayed=position, position=present)
            return present
        return position

    async def _next(self, position: int) -> list[Any]:
        """The changes of the next change sets, each set whole."""
        found = list(await changes_after(self._postgres, position, MOST_ORDINAL, MOST))
        if len(found) < MOST:
            return found
        last = found[-1]["position"]
        if found[0]["position"] != last:
            return [each for each in found if each["position"] != last]
        while True:  # one set larger than what is read at a time
            ordinal = found[-1]["ordinal"]
            more = await changes_after(self._postgres, last, ordinal, MOST)
            same = [each for each in more if each["position"] == last]
            found += same
            if len(same) < MOST:
                return found


def row_of(change: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Key and value (wire.GraphChange) of a change."""
    value = {
        "position": change["position"],
        "ordinal": change["ordinal"],
        "type": change["type"],
        "code": change["code"],
        "version": change["version"],
        "operation": change["operation"],
        "recordedAt": instant_text(change["recorded_at"]),
        "actor": change["actor"],
        "source": change["source"],
        "reason": change["reason"],
        "fields": change["fields"],
        "edges": change["edges"],
    }
    return f"{change['type']}:{change['code']}".encode(), orjson.dumps(value)
