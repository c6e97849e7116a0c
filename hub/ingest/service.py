"""Ingest as a whole: the workers of the partitions it was given, the writer and the relay."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from hub.errors import HubError
from hub.ingest.counts import Counts
from hub.ingest.names import Names
from hub.ingest.partition import Partition, Shared
from hub.ingest.patience import Patience
from hub.ingest.places import Places
from hub.ingest.relay import Relay
from hub.ingest.writer import Writer
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import Epoch, ensure_epoch, positions
from resolvers.stores.membership import Membership
from resolvers.stores.migrate import migrate, preparing_alone, role_of
from resolvers.stores.postgres import Postgres
from resolvers.stores.topics import ensure_topics, topic_id

log = structlog.get_logger("hub.ingest")

T = TypeVar("T")

EVERY = 2.0
"""Seconds between two looks at the change log and at the stored positions."""


class Ingest:
    """What `hub ingest` runs. `counts` tells what it has done."""

    def __init__(self, settings: Settings, at: StoreAddresses) -> None:
        self._settings = settings
        self._at = at
        self._names = Names(settings.topic_prefix)
        self._partitions: dict[int, Partition] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self.counts = Counts()
        self.running = asyncio.Event()
        """Set as soon as partitions were given to this process."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; waits for stores that are away, at the start too.

        Raises HubError where the topics there do not fit each other.
        """
        postgres = await Postgres.open(self._at.postgres_service_dsn)
        try:
            working = asyncio.create_task(self._work(postgres), name="ingest")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            for task in (working, stopping):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
        finally:
            await postgres.close()
            log.info("ingest stopped", **self.counts.as_dict())

    async def _work(self, postgres: Postgres) -> None:
        await _until_done("preparing", self._migrate)
        found = await _until_done("topics", self._ensure_topics)
        epoch = await _until_done("epoch", lambda: self._find_epoch(postgres, found))
        places = Places(postgres)
        await _until_done("places", places.refresh)
        shared = self._share(postgres, places, epoch)
        names = self._names
        writer = Writer(self._at, postgres, names.events, epoch, self.counts)

        def give(numbers: frozenset[int]) -> None:
            self._give(shared, numbers)

        work = (names.detections, names.reviews)
        async with (
            _tasks(
                {
                    "places": lambda: _follow_places(places),
                    "positions": lambda: _follow_positions(postgres, epoch, shared.stored),
                    "writer": writer.run,
                    "relay": Relay(self._at, postgres, names, self.counts).run,
                    "writers": lambda: self._belong(
                        names.writer_group, (names.events,), writer.give
                    ),
                }
            ),
            self._partitions_stopped(),
            _tasks({"workers": lambda: self._belong(names.ingest_group, work, give)}),
        ):
            await asyncio.Event().wait()

    def _share(self, postgres: Postgres, places: Places, epoch: Epoch) -> Shared:
        settings = self._settings
        return Shared(
            self._at,
            self._names,
            epoch.partitions,
            postgres,
            places,
            batch=settings.event_batch,
            silent=settings.event_silent_minutes * 60,
            memory=settings.event_memory_hours * 3600,
            most_closed=settings.event_memory,
            session=settings.event_session_seconds,
            counts=self.counts,
        )

    async def _migrate(self) -> None:
        async with preparing_alone(self._at.postgres_owner_dsn):
            await migrate(
                self._at.postgres_owner_dsn,
                service_role=role_of(self._at.postgres_service_dsn),
                auditor_role=role_of(self._at.postgres_auditor_dsn),
            )

    async def _ensure_topics(self) -> int:
        names = self._names
        found = await ensure_topics(self._at, names.topics(self._settings.event_partitions))
        alike = (names.detections, names.reviews, names.events, names.open_events, names.dead)
        if len({found[name] for name in alike}) > 1:
            told = ", ".join(f"{name} has {found[name]}" for name in alike)
            raise HubError(
                f"The topics of events must have equally many partitions: {told}.",
                "Make them anew, or choose another HUB_TOPIC_PREFIX.",
            )
        return found[names.events]

    async def _find_epoch(self, postgres: Postgres, partitions: int) -> Epoch:
        return await ensure_epoch(
            postgres, await topic_id(self._at, self._names.events), partitions
        )

    async def _belong(
        self, group: str, topics: Sequence[str], given: Callable[[frozenset[int]], None]
    ) -> None:
        """Be a member of a group for ever, and join it again where that ends."""
        patience = Patience(group)

        def told(numbers: frozenset[int]) -> None:
            patience.fine()
            given(numbers)

        while True:
            try:
                member = await Membership.join(
                    self._at, group, topics, told, session=self._settings.event_session_seconds
                )
                try:
                    await member.stay()
                finally:
                    await member.leave()
            except Exception as error:
                await patience.wait(error)

    def _give(self, shared: Shared, numbers: frozenset[int]) -> None:
        """Work on these partitions, and end the work on others."""
        for number in self._partitions.keys() - numbers:
            task = asyncio.create_task(self._partitions.pop(number).stop())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        for number in sorted(numbers - self._partitions.keys()):
            partition = self._partitions[number] = Partition(shared, number)
            partition.start()
        log.info("partitions given", partitions=sorted(numbers))
        self.running.set()

    @asynccontextmanager
    async def _partitions_stopped(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.gather(
                *(each.stop() for each in self._partitions.values()), *self._ending
            )


async def _until_done(task: str, do: Callable[[], Awaitable[T]]) -> T:
    """Do something until it succeeds; what a person must mend is raised."""
    patience = Patience(task)
    while True:
        try:
            return await do()
        except HubError:
            raise
        except Exception as error:
            await patience.wait(error)


async def _follow_places(places: Places) -> None:
    patience = Patience("places")
    while True:
        try:
            await places.refresh()
            patience.fine()
        except Exception as error:
            await patience.wait(error)
        await asyncio.sleep(EVERY)


async def _follow_positions(postgres: Postgres, epoch: Epoch, stored: dict[int, int]) -> None:
    patience = Patience("positions")
    while True:
        try:
            stored.update(await positions(postgres, epoch.number))
            patience.fine()
        except Exception as error:
            await patience.wait(error)
        await asyncio.sleep(EVERY)


@asynccontextmanager
async def _tasks(runs: dict[str, Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """Tasks that run for the length of the block."""

    async def run(each: Callable[[], Awaitable[None]]) -> None:
        await each()

    tasks = [asyncio.create_task(run(each), name=name) for name, each in runs.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
