"""What is done to a town while events flow. Each returns when all is mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.events_for_tests import BEGAN, camera, gone, seen
from tests.survival.processes import HubProcess
from tests.survival.town import PARTITIONS, Town

Fault = Callable[[Town], Awaitable[None]]


async def ingest_killed(town: Town) -> None:
    """kill -9 of each `hub ingest`, one after the other."""
    for each in town.ingests:
        each.kill()
        await town.flow(100)
        await ingest_started(town, each)
        await town.flow(100)


async def ingest_started(town: Town, ingest: HubProcess) -> None:
    """Start it and wait until it works."""
    taken = ingest.said("partition taken")
    ingest.start()
    await town.until(lambda: ingest.said("partition taken") > taken)


async def api_killed(town: Town) -> None:
    """kill -9 of each API process, one after the other."""
    for each in town.apis:
        each.kill()
        await town.flow(100)
        each.start()
        await town.answers(each)
        await town.flow(100)


async def kafka_killed(town: Town) -> None:
    """kill -9 of Kafka."""
    await town.engines.kill("kafka")
    await town.engines.start("kafka")
    await town.flow(200)


async def postgres_killed(town: Town) -> None:
    """kill -9 of PostgreSQL; events go on meanwhile."""
    await town.engines.kill("postgres")
    await town.flow(200)
    await town.engines.start("postgres")
    await town.flow(100)


async def rolling_restart(town: Town) -> None:
    """SIGTERM to every process of the hub in turn, and its successor."""
    for api in town.apis:
        await api.stop()
        api.start()
        await town.answers(api)
    for ingest in town.ingests:
        await ingest.stop()
        await ingest_started(town, ingest)
    await town.flow(100)


async def ingest_stalled(town: Town) -> None:
    """SIGSTOP of a worker that has written, but not committed; past its session's end another
    does the work; then SIGCONT."""
    stalled, other = town.ingests
    everything = str(list(range(PARTITIONS))).replace(" ", "")
    alone = other.said("partitions given", everything)
    async with ends(town, "read_uncommitted") as written, ends(town, "read_committed") as readable:
        begun: set[int] = set()
        while not begun:
            await town.flow(1)
            stalled.pause()
            high = await written()
            if high != await readable():  # the other process may be at it, or was meanwhile
                await town.flow(60)
                last = await readable()
                begun = {p for p in range(PARTITIONS) if last[p] < high[p]}
            if not begun:
                stalled.resume()
    await town.until(lambda: other.said("partitions given", everything) > alone)
    await town.flow(200)
    given = stalled.said("partitions given")
    stalled.resume()
    await town.until(lambda: stalled.said("partitions given") > given)
    print(f"stopped in a transaction of partitions {sorted(begun)};", end=" ")
    await town.flow(100)


@asynccontextmanager
async def ends(town: Town, level: str) -> AsyncIterator[Callable[[], Awaitable[dict[int, int]]]]:
    """Asks where the partitions of `events` end, with or without what is not committed."""
    places = [TopicPartition(town.stores.names.events, p) for p in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(**town.stores.at.kafka_options(), isolation_level=level)
    await consumer.start()

    async def ask() -> dict[int, int]:
        found = await consumer.end_offsets(places)
        return {place.partition: offset for place, offset in found.items()}

    try:
        yield ask
    finally:
        await consumer.stop()


NEW_CONNECTIONS = """
select pg_terminate_backend(pid) from pg_stat_activity
where usename = current_user and pid <> pg_backend_pid()"""

EARLY = """
select count(*) from event_versions
where recorded_at between now() - interval '70 minutes' and now() - interval '50 minutes'"""

WAITING = """
select count(distinct pid) from pg_locks
where not granted and relation = 'events'::regclass"""


async def writer_stalled(town: Town) -> None:
    """SIGSTOP of a process whose writer has begun a transaction of PostgreSQL, and holds the
    positions of its partitions; another must store what follows. Then SIGCONT."""
    await _stall_writer(town)


async def writer_stalled_preparing(town: Town) -> None:
    """The same on a new connection: the writer stands between the parts of its first statement."""
    await _stall_writer(town, NEW_CONNECTIONS)


async def _stall_writer(town: Town, first: str = "select 1") -> None:
    stalled = town.ingests[0]
    owner = await asyncpg.connect(town.stores.at.postgres_owner_dsn)
    try:
        async with owner.transaction():
            await owner.execute("lock table events in exclusive mode")
            await town.until(lambda: _both_wait(town))
            await town.stores.postgres.fetch(first)
            await town.until(lambda: _both_wait(town))
            stalled.pause()
    finally:
        await owner.close()
    try:
        stood = (await town.vector()).offsets

        async def stored() -> bool:
            here = (await town.vector()).offsets
            return all(a > b for a, b in zip(here, stood, strict=True))

        await town.flow(200)
        await town.until(stored)
    finally:
        stalled.resume()
    await town.flow(100)


async def _both_wait(town: Town) -> bool:
    return bool(await town.stores.postgres.fetchval(WAITING) >= len(town.ingests))


async def kafka_cut(town: Town) -> None:
    """One process of each kind hears nothing more of Kafka, past its session; then resets."""
    other = town.ingests[1]
    given = other.said("partitions given")
    town.kafka_line.fall_silent()
    await town.until(lambda: other.said("partitions given") > given)
    await town.flow(200)
    town.kafka_line.plug_in()
    await town.flow(100)
    town.kafka_line.cut()
    await town.flow(100)
    town.kafka_line.plug_in()
    await town.flow(100)


async def postgres_cut(town: Town) -> None:
    """The same, of PostgreSQL."""
    town.postgres_line.fall_silent()
    await town.flow(300)
    town.postgres_line.plug_in()
    await town.flow(100)
    town.postgres_line.cut()
    await town.flow(300)
    town.postgres_line.plug_in()
    await town.flow(100)


async def subscribers_cut(town: Town) -> None:
    """Subscribers lose the API: connections break, then fall silent."""
    for each in town.api_lines:
        each.cut()
        await town.flow(100)
        each.plug_in()
        await town.flow(100)
    for each in town.api_lines:
        each.fall_silent()
        connections = [one.connections for one in town.subscribers]
        await town.until(
            lambda was=connections: any(  # type: ignore[misc]
                one.connections > before for one, before in zip(town.subscribers, was, strict=True)
            )
        )
        each.plug_in()


async def disk_full(town: Town) -> None:
    """No byte is left on PostgreSQL's disk; it fails, dies or neither; then there is room."""
    told = town.engines.log("postgres").count("No space left on device")
    town.engines.fill_disk()
    try:
        await town.until(
            lambda: town.engines.log("postgres").count("No space left on device") > told
        )
        await town.flow(200)
    finally:
        town.engines.empty_disk()
    await town.engines.start("postgres")
    await town.flow(100)


async def poison(town: Town) -> None:
    """Messages that cannot be read, or mean nothing, among the good ones."""
    names, key = town.stores.names, camera(7).encode()
    bad = [(key, b"{"), (key, b"\xff\xfe\x00"), (key, b"x" * 200_000), (b"\xff", b"{}"), (key, b"")]
    bad += [(camera(8).encode(), b'{"camera": null}'), (key, b'"' * 50_000)]
    for each in bad:
        await town.stores.send_raw(names.detections, [each])
        await town.flow(10)
    await town.stores.send([seen("37020200001320999999", BEGAN), gone(camera(9), BEGAN)])
    await town.stores.send_raw(names.reviews, [(key, b"{}"), (key, b"[]")])
    town.poison += len(bad) + 4
    await town.until(lambda: _buried(town))
    print(f"{town.poison} dead letters;", end=" ")


async def _buried(town: Town) -> bool:
    return len(await town.stores.read(town.stores.names.dead)) == town.poison


async def clock_back(town: Town) -> None:
    """The wall clocks of one process of each kind jump back an hour, then forth again."""
    before = await _recorded_early(town)

    async def early() -> bool:
        return await _recorded_early(town) > before

    for seconds in (-3_600.0, 60.0, 0.0):
        town.ingests[0].set_clock(seconds)
        town.apis[1].set_clock(seconds)
        if seconds == -3_600.0:
            await town.until(early)
        await town.flow(150)
    found = await _recorded_early(town) - before
    print(f"{found} versions recorded an hour early;", end=" ")


async def _recorded_early(town: Town) -> int:
    found: int = await town.stores.postgres.fetchval(EARLY)
    return found


FAULTS: dict[str, Fault] = {
    each.__name__: each
    for each in (
        ingest_killed,
        api_killed,
        kafka_killed,
        postgres_killed,
        rolling_restart,
        ingest_stalled,
        writer_stalled,
        writer_stalled_preparing,
        kafka_cut,
        postgres_cut,
        subscribers_cut,
        disk_full,
        poison,
        clock_back,
    )
}


async def nothing(town: Town) -> None:
    """All is well."""
    await asyncio.sleep(0)
