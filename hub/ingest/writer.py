"""The writer: carries the topic `events` into PostgreSQL, each version once.

The group only spreads the partitions over the processes. What is stored, and up to where, is one
transaction of PostgreSQL, so that no crash and no second writer can store a version twice.
"""

from __future__ import annotations

import asyncio

from hub.ingest.columns import columns_of
from hub.ingest.counts import Counts
from hub.ingest.patience import Patience
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import Epoch, Overtaken, positions, store
from resolvers.stores.postgres import Postgres
from resolvers.stores.tail import Tail

MOST = 5_000
"""Versions of one transaction."""


class Writer:
    """Stores the versions of the partitions it is given."""

    def __init__(
        self, at: StoreAddresses, postgres: Postgres, topic: str, epoch: Epoch, counts: Counts
    ) -> None:
        self._at = at
        self._postgres = postgres
        self._topic = topic
        self._epoch = epoch
        self._counts = counts
        self._mine: frozenset[int] = frozenset()
        self._given = asyncio.Event()
        self._patience = Patience("writer")

    def give(self, partitions: frozenset[int]) -> None:
        """These partitions are this writer's from now on, and no others."""
        self._mine = partitions
        self._given.set()

    async def run(self) -> None:
        """Store for ever; waits while Kafka or PostgreSQL is away."""
        while True:
            await self._given.wait()
            try:
                await self._follow(self._mine)
            except Overtaken:
                continue
            except Exception as error:
                await self._patience.wait(error)

    async def _follow(self, mine: frozenset[int]) -> None:
        if not mine:
            self._given.clear()
            return
        stored = await positions(self._postgres, self._epoch.number)
        tail = await Tail.open(self._at, {(self._topic, p): stored[p] for p in sorted(mine)})
        try:
            while self._mine == mine:
                found = await tail.read(MOST)
                if found:
                    batch = columns_of(found, stored)
                    await store(self._postgres, self._epoch.number, batch)
                    stored.update({p: after for p, (_, after) in batch.read.items()})
                    self._counts.stored += sum(len(records) for records in found.values())
                self._patience.fine()
        finally:
            await tail.close()
