"""Makes deliveries of stored versions, in order from each webhook's position."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import structlog

from hub.delivery.index import Index
from hub.webhooks.message import vector_text
from hub.webhooks.webhook import Webhook
from resolvers.stores import webhook_queue as queue
from resolvers.stores.event_replay import Kept, StoredVersion, kept, replay
from resolvers.stores.postgres import Postgres

log = structlog.get_logger("hub.webhooks")

PAGE = 500
"""Versions looked at together, and added in one transaction."""
PAGES = 4
"""Such pages for one group of webhooks before others have their turn."""
KEEP_EVERY = 5.0
"""Seconds after which a position is written though nothing matched."""
GAP = (
    "versions after its position are no longer kept (hub events prune): set the state to ACTIVE to "
    "go on without them"
)


class Enqueuer:
    """Moves webhooks on, those that stand at the same place together."""

    def __init__(self, postgres: Postgres, *, most: int) -> None:
        self._postgres = postgres
        self._most = most
        self._topics: dict[int, str] = {}

    async def advance(self, webhooks: Iterable[Webhook]) -> set[str]:
        """One round; the ids of webhooks that got deliveries. Raises StoreUnavailable.

        A webhook with too much waiting stays where it is. One that was changed meanwhile stays
        too; its `revision` is not that of its row then.
        """
        groups: dict[tuple[int, tuple[int, ...]], list[Webhook]] = {}
        for webhook in webhooks:
            if webhook.waiting < self._most:
                groups.setdefault((webhook.epoch, webhook.offsets), []).append(webhook)
        served: set[str] = set()
        if groups:
            self._topics = dict(await queue.epochs(self._postgres))
        for (epoch, offsets), members in groups.items():
            served |= await self._group(epoch, offsets, members)
        return served

    async def _group(
        self, epoch: int, offsets: tuple[int, ...], members: list[Webhook]
    ) -> set[str]:
        stored = await kept(self._postgres, self._topics[epoch]) if epoch in self._topics else None
        if stored is None:
            return await self._next_epoch(epoch, members)
        since = offsets + (0,) * (len(stored.next) - len(offsets))
        if any(here < first for here, first in zip(since, stored.first, strict=False)):
            for webhook in members:
                await queue.stop(self._postgres, webhook.id, webhook.revision, "PAUSED", GAP)
            return set()
        if all(here >= end for here, end in zip(since, stored.next, strict=False)):
            return await self._next_epoch(epoch, members)
        return await self._read(stored, since, members)

    async def _next_epoch(self, epoch: int, members: list[Webhook]) -> set[str]:
        later = [number for number in self._topics if number > epoch]
        if later:
            await self._keep(members, [], min(later), ())
        return set()

    async def _read(self, stored: Kept, since: tuple[int, ...], members: list[Webhook]) -> set[str]:
        index: Index[Webhook] = Index()
        for webhook in members:
            index.add(webhook, webhook.terms)
        vector = list(since)
        served: set[str] = set()
        pages = 0
        async for versions in replay(self._postgres, stored, since, PAGE):
            rows: list[tuple[Any, ...]] = []
            for version in versions:
                vector[version.partition] = version.offset + 1
                doc = orjson.loads(version.doc)
                for webhook in index.candidates(doc):
                    left = webhook.left(doc)
                    if left is not None:
                        rows.append(_row(webhook, stored.epoch, version, vector, doc, left))
            pages += 1
            full = len(versions) == PAGE
            position = tuple(vector) if full else _ends(vector, stored.next)
            same = await self._keep(members, rows, stored.epoch, position)
            served |= {row[0] for row in rows}
            members = [webhook for webhook in members if webhook in same]
            if not full or pages >= PAGES or any(w.waiting >= self._most for w in members):
                return served
        if pages == 0:  # nothing is left of what was stored there
            await self._keep(members, [], stored.epoch, _ends(vector, stored.next))
        return served

    async def _keep(
        self,
        members: Sequence[Webhook],
        rows: list[tuple[Any, ...]],
        epoch: int,
        position: tuple[int, ...],
    ) -> list[Webhook]:
        """Move webhooks; their rows only where something was added, or after a while."""
        now = time.monotonic()
        added: dict[str, int] = {}
        for row in rows:
            added[row[0]] = added.get(row[0], 0) + 1
        written = [w for w in members if w.id in added or now - w.kept_at > KEEP_EVERY]
        same: set[str] = set()
        if written:
            held = [(webhook.id, webhook.revision) for webhook in written]
            same = await queue.enqueue(self._postgres, held, rows, epoch, position)
        moved = []
        for webhook in members:
            if webhook in written:
                if webhook.id not in same:
                    continue
                webhook.kept_at = now
            webhook.epoch, webhook.offsets = epoch, position
            webhook.waiting += added.get(webhook.id, 0)
            moved.append(webhook)
        return moved


def _row(
    webhook: Webhook,
    epoch: int,
    version: StoredVersion,
    vector: Sequence[int],
    doc: Mapping[str, Any],
    left: bool,
) -> tuple[Any, ...]:
    return (
        webhook.id,
        epoch,
        version.partition,
        version.offset,
        version.recorded_at,
        vector_text(vector),
        doc["camera"],
        doc["id"],
        doc["version"],
        doc["phase"],
        left,
    )


def _ends(vector: Sequence[int], ends: Sequence[int]) -> tuple[int, ...]:
    """The end of what was stored, where reading came to it."""
    return tuple(max(here, end) for here, end in zip(vector, ends, strict=False))
