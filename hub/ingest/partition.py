"""One partition's worker: reads detections and reviews, writes events, in transactions.

Its producer's id is the partition's own. Starting it fences whoever wrote the partition before;
only then are the offsets and the open events read. So a worker that lost its partition without
noticing cannot commit anything any more, and whatever a worker was about to do when it ended is
done again from where the last transaction stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from hub.ingest.batch import Batch, Folding, open_rows, read_detections, read_reviews, unknown
from hub.ingest.counts import Counts
from hub.ingest.memory import AT_ONCE, Memory
from hub.ingest.names import Names
from hub.ingest.observed import Observed, instant
from hub.ingest.patience import Patience
from hub.ingest.places import Places
from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import latest_begun, look_up
from resolvers.stores.kafka import Fenced, Place
from resolvers.stores.postgres import Postgres
from resolvers.stores.tail import Record, Tail, after_last, committed, read_all
from resolvers.stores.transactions import Transactions

log = structlog.get_logger("hub.ingest")

T = TypeVar("T")

IDLE = 0.5
"""Seconds a worker waits for messages before it looks for what is silent or may be forgotten."""
ENDING = 10.0
"""Seconds a worker has to commit what it has begun when it is told to stop."""


@dataclass
class Shared:
    """What the workers of one process have in common."""

    at: StoreAddresses
    names: Names
    partitions: int
    postgres: Postgres
    places: Places
    batch: int
    """Most messages of one transaction."""
    silent: float
    """Seconds without an observation after which an open event is closed."""
    memory: float
    """Seconds a closed event is remembered."""
    most_closed: int
    session: float
    counts: Counts = field(default_factory=Counts)
    stored: dict[int, int] = field(default_factory=dict)
    """Up to where PostgreSQL has each partition of `events`, when last asked."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Partition:
    """The worker of one partition, from `start` to `stop`."""

    def __init__(self, shared: Shared, number: int) -> None:
        self._shared = shared
        self.number = number
        names = shared.names
        self._detections: Place = (names.detections, number)
        self._reviews: Place = (names.reviews, number)
        self._events: Place = (names.events, number)
        self._open: Place = (names.open_events, number)
        self._dead: Place = (names.dead, number)
        self._patience = Patience(f"partition {number}")
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._memory = Memory()

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name=f"partition {self.number}")

    async def stop(self) -> None:
        """Finish the transaction under way, if that can be done soon, and end."""
        self._stopping = True
        if self._task is None:
            return
        await asyncio.wait((self._task,), timeout=ENDING)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._take_over()
            except Fenced:
                self._shared.counts.fenced += 1
                log.warning("another process has taken over", partition=self.number)
                # By the next heartbeat it is known whose the partition is.
                await asyncio.sleep(self._shared.session / 2)
            except Exception as error:
                await self._patience.wait(error)

    async def _take_over(self) -> None:
        shared = self._shared
        producer = await Transactions.open(shared.at, shared.names.producer(self.number))
        try:
            offsets = await committed(
                shared.at, shared.names.ingest_group, (self._detections, self._reviews)
            )
            self._memory = await self._rebuild()
            tail = await Tail.open(shared.at, offsets)
            log.info(
                "partition taken",
                partition=self.number,
                open=self._memory.open,
                closed=self._memory.closed,
                offset=offsets[self._detections],
            )
            try:
                while not self._stopping:
                    found = await tail.read(shared.batch, seconds=IDLE)
                    await self._work(producer, found)
                    self._patience.fine()
            finally:
                await tail.close()
        finally:
            await producer.close()

    async def _rebuild(self) -> Memory:
        """What the topic `events.open` tells of this partition."""
        shared = self._shared
        latest: dict[bytes, bytes] = {}
        async for page in read_all(shared.at, self._open):
            for record in page:
                if record.key is None:
                    continue
                if record.value is None:
                    latest.pop(record.key, None)
                else:
                    latest[record.key] = record.value
        end = await after_last(shared.at, self._events)
        memory = Memory.rebuilt(latest.items(), shared.clock(), end)
        if not memory.has_horizon:  # a new topic; PostgreSQL may know events of an older one
            begun = await self._until_there(lambda: latest_begun(shared.postgres))
            memory.horizon = instant(begun) if begun is not None else None
        return memory

    async def _work(self, producer: Transactions, found: Mapping[Place, list[Record]]) -> None:
        """Fold what has come and commit it; nothing is written where there is nothing to say."""
        batch = await self._fold(found)
        memory = self._memory
        rows = open_rows(batch, memory)
        offsets = {place: records[-1].offset + 1 for place, records in found.items() if records}
        if not rows and not offsets:
            return
        written = {self._events: batch.events, self._open: rows, self._dead: batch.dead}
        after = await producer.commit(
            {place: each for place, each in written.items() if each},
            offsets,
            self._shared.names.ingest_group,
        )
        memory.has_horizon = True
        clock = self._shared.clock()
        end = after.get(self._events, 0)
        for event, (kept, message) in batch.changed.items():
            memory.put(event, kept, message, clock, end)
        self._shared.counts.add(batch.counts)

    async def _fold(self, found: Mapping[Place, list[Record]]) -> Batch:
        shared, memory = self._shared, self._memory
        clock = shared.clock()
        detections = read_detections(
            found.get(self._detections, []), self.number, shared.partitions
        )
        reviews = read_reviews(found.get(self._reviews, []), self.number, shared.partitions)
        observed = [e.found.detection for e in detections if isinstance(e.found, Observed)]
        if observed:
            await self._until_there(lambda: shared.places.know(observed))
        if ids := unknown(detections, memory) | unknown(reviews, memory):
            await self._recall(ids)
        folding = Folding(memory, instant(shared.now()))
        folding.take(detections, shared.places)
        folding.take(reviews, shared.places)
        silent: list[str] = []
        for event in memory.silent(clock - shared.silent):
            if len(silent) == AT_ONCE:
                break
            silent.append(event)
        folding.close_silent(silent)
        batch = folding.finish()
        stored = shared.stored.get(self.number, 0)
        old = memory.forgettable(stored, clock - shared.memory, shared.most_closed)
        batch.forgotten = [event for event in old if event not in batch.changed]
        memory.forget(batch.forgotten)
        return batch

    async def _recall(self, ids: set[str]) -> None:
        """Remember again those of the events that PostgreSQL has."""
        found = await self._until_there(lambda: look_up(self._shared.postgres, sorted(ids)))
        for event, stored in found.items():
            self._memory.recall(event, stored, self._shared.clock())

    async def _until_there(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask PostgreSQL until it answers."""
        while True:
            try:
                return await ask()
            except StoreUnavailable as error:
                await self._patience.wait(error)
