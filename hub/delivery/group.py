"""All subscribers of one operation, variables and rights: evaluated once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from hub.delivery.batch import Batch
from hub.delivery.entry import Entry, Place
from hub.delivery.log import Log
from hub.delivery.payloads import Payloads
from hub.delivery.stream import Stream
from hub.delivery.subscribed import Item, Match, Subscribed
from hub.metrics import Metrics
from resolvers.errors import HubError, Internal, StoreUnavailable

log = structlog.get_logger("hub.delivery")

BATCH = 100
"""Most messages that are made and sent together."""
MOST_PENDING = 20_000
"""Entries that may wait for a group's stores before its streams end."""

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all groups share: how many evaluate at a time, and how long one tries."""

    turns: asyncio.Semaphore
    payloads: Payloads
    metrics: Metrics
    patience: float
    """Seconds for which a store may be away before streams end."""
    fell_behind: Callable[[Stream, Place], None]
    ended: Callable[[Stream, HubError], None]


class Group:
    """Evaluates what matches, in order, and gives the same bytes to every live stream."""

    def __init__(self, of: Log, subscribed: Subscribed, shop: Workshop) -> None:
        self.number = next(_numbers)
        self.owner: str | None = None
        """Whom it counts for: who was the first to ask for it."""
        self.log = of
        self.subscribed = subscribed
        self.members: set[Stream] = set()
        """Live or behind."""
        self.live: dict[Stream, None] = {}
        self.said = time.monotonic()
        """When its live streams last got a message."""
        self._newest = 0
        self._shop = shop
        self._pending: list[tuple[Entry, bool]] = []
        self._beat = False
        self._working: asyncio.Task[None] | None = None

    def offer(self, entry: Entry) -> None:
        """Take an entry that is new in the log, if it matches."""
        if not self.live:
            return
        match = self.subscribed.match(entry.doc)
        if match is Match.NONE:
            return
        self._pending.append((entry, match is Match.LEFT))
        if len(self._pending) > MOST_PENDING:
            self._fail(StoreUnavailable("the stores answer too slowly; go on from the cursor"))
        self._work()

    def broke(self, entry: Entry) -> None:
        """End every live stream before an entry that cannot be told to match or not."""
        at = None if self._pending else self.log.source.before(entry)
        self._fail(unmatched(), at)

    def cursor(self) -> str:
        """The cursor of what the live streams have got."""
        place = self.log.place
        if self._pending:
            place = self.log.source.before(self._pending[0][0])
        return self.log.source.cursor(place)

    def heartbeat(self) -> None:
        """Send the log's cursor to the live streams, once all that waits is sent."""
        self._beat = True
        self._work()

    def join(self, stream: Stream) -> None:
        """Make a stream live that has got everything the log holds."""
        stream.since = self._newest = self.log.next_seq
        stream.fell = None
        stream.task = stream.reading = None
        self.live[stream] = None

    def leave(self, stream: Stream) -> None:
        self.live.pop(stream, None)
        self.members.discard(stream)

    def drop(self, stood: Place) -> None:
        """Have every live stream read from its place on: the log has a gap after `stood`."""
        place = self.log.source.before(self._pending[0][0]) if self._pending else stood
        self._pending.clear()
        for stream in tuple(self.live):
            del self.live[stream]
            self._shop.fell_behind(stream, place)

    async def evaluate(self, items: Sequence[Item]) -> list[bytes]:
        """Make messages; waits for stores that are away. Raises StoreUnavailable in the end."""
        until = time.monotonic() + self._shop.patience
        pause = 0.1
        while True:
            began = time.perf_counter()
            try:
                async with self._shop.turns:
                    return await self.subscribed.evaluate(items)
            except StoreUnavailable:
                if time.monotonic() + pause > until:
                    raise
            finally:
                self._shop.metrics.evaluation_seconds.observe(time.perf_counter() - began)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def evaluate_kept(self, items: Sequence[Item]) -> list[bytes]:
        """As `evaluate`, by what was made already for items of the log's own cursors."""
        kept = self._shop.payloads
        names = [
            item.cursor if item.doc is not None else f"heartbeat {item.cursor}" for item in items
        ]
        found = [kept.get(self.number, name) for name in names]
        missing = [at for at, known in enumerate(found) if known is None]
        if missing:
            made = await self.evaluate([items[at] for at in missing])
            for at, payload in zip(missing, made, strict=True):
                kept.put(self.number, names[at], payload)
                found[at] = payload
        return [payload for payload in found if payload is not None]

    def _work(self) -> None:
        if self._working is None:
            self._working = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self.live and (self._pending or self._beat):
                if self._pending:
                    await self._send_pending()
                else:
                    await self._send_beat()
        except HubError as error:
            self._fail(error)
        except Exception as error:
            log.exception("evaluation failed", error=type(error).__name__)
            self._fail(Internal("the hub failed to make a message: a fault of ours"))
        finally:
            self._working = None
            if not self.live:
                self._pending.clear()
                self._beat = False

    async def _send_pending(self) -> None:
        source = self.log.source
        taken = self._pending[:BATCH]
        cursors = [entry.cursor(source) for entry, _ in taken]
        items = [
            Item(cursor, entry.doc, left)
            for cursor, (entry, left) in zip(cursors, taken, strict=True)
        ]
        payloads = await self.evaluate(items)
        if self._pending[: len(taken)] != taken:
            return  # the streams were dropped meanwhile
        del self._pending[: len(taken)]
        entries = [entry for entry, _ in taken]
        seqs = [entry.seq for entry in entries]
        self._deliver(Batch(seqs, cursors, payloads, source.before(entries[0]), entries))

    async def _send_beat(self) -> None:
        self._beat = False
        seq, place, cursor = self.log.next_seq, self.log.place, self.log.cursor()
        payloads = await self.evaluate_kept([Item(cursor, None)])
        self._deliver(Batch([seq], [cursor], payloads, place))

    def _deliver(self, batch: Batch) -> None:
        first, source = batch.seqs[0], self.log.source
        whole = self._newest <= first
        slow: list[tuple[Stream, Batch]] = []
        count = 0
        for stream in self.live:
            part: Batch | None = batch
            if not whole and stream.since > first:
                part = self._part(batch, stream.since)
                if part is None:
                    continue
            assert part is not None
            if stream.take(part):
                count += len(part)
            else:
                slow.append((stream, part))
        self.said = time.monotonic()
        self._shop.metrics.deliveries.labels(source.name).inc(count)
        for stream, part in slow:
            del self.live[stream]
            stream.fell = part.seqs[0]
            self._shop.fell_behind(stream, part.before)

    def _part(self, batch: Batch, since: int) -> Batch | None:
        """What of a batch a stream has not got that joined after its first entries."""
        skip = sum(1 for seq in batch.seqs if seq < since)
        if skip == len(batch):
            return None
        before = self.log.source.before(batch.entries[skip])
        return Batch(batch.seqs[skip:], batch.cursors[skip:], batch.payloads[skip:], before)

    def _fail(self, error: HubError, at: Place | None = None) -> None:
        """End every live stream, with the cursor of what they have got: that of `at`, if given."""
        cursor = self.cursor() if at is None else self.log.source.cursor(at)
        error.details.setdefault("cursor", cursor)
        self._pending.clear()
        for stream in tuple(self.live):
            self._shop.ended(stream, error)


def unmatched() -> Internal:
    """What streams end with whose subscription fails to match an entry."""
    return Internal("the hub failed to match an entry: a fault of ours; the cursor is before it")
