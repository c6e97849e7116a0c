"""Everything together: stores, two `hub ingest`, two `hub serve`, senders and subscribers.

The first process of each kind reaches Kafka and PostgreSQL through cables; the second directly.
Every API process is reached through a cable of its own.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from hub.context import issuer_of
from hub.engines import addresses
from hub.engines.ports import choose
from hub.keys import Keys
from hub.settings import Settings
from resolvers.errors import StoreUnavailable
from resolvers.stores.event_log import StoredVector, stored_vector
from tests.events_for_tests import EventStores, camera, event_stores
from tests.survival.cables import Line, line
from tests.survival.engines import OwnEngines
from tests.survival.feed import Feed
from tests.survival.oracle import Tally, judge, stored_since
from tests.survival.processes import HubProcess
from tests.survival.subscribers import SocketSubscriber, SseSubscriber, Subscriber

PARTITIONS = 4
PATIENCE = 120.0
"""Seconds a condition has to come true; a loaded machine takes its time."""
LOGS = Path(__file__).parents[2] / "build" / "survival"
COMMUNITY = "370202001001"

COUNT = """
select count(*) from event_versions v join unnest($2::int[], $3::bigint[]) as f (partition, first)
using (partition) where epoch = $1 and topic_offset >= first"""

FILTERS: dict[str, dict[str, Any] | None] = {
    "all": None,
    "type": {"type": {"eq": "GARBAGE_PILE"}},
    "community": {"within": [COMMUNITY]},
    "camera": {"camera": {"eq": camera(7)}},
    "open": {"status": {"eq": "OPEN"}, "type": {"in": ["BIN_OVERFLOW", "PEOPLE_FLOW"]}},
    "sure": {"confidence": {"gte": 0.7}, "camera": {"in": [camera(i) for i in range(9)]}},
}


class Town:
    """What a fault may be done to, and what must survive it."""

    def __init__(
        self, engines: OwnEngines, stores: EventStores, lines: dict[str, Line], full: bool
    ) -> None:
        self.engines = engines
        self.stores = stores
        self.kafka_line = lines["kafka"]
        self.postgres_line = lines["postgres"]
        self.api_lines = [lines["api0"], lines["api1"]]
        self.full = full
        self.rate = 1_000 if full else 240
        self.poison = 0
        """Messages sent that must end as dead letters."""
        self._runs = 0
        keys = Keys(stores.folder / "keys")
        issuer = issuer_of(Settings(data=stores.folder), keys)
        self.token = issuer.issue("survivor", roles=("detector",), hours=100)
        self.ingests = [self._ingest(n) for n in range(2)]
        self.apis = [self._api(n) for n in range(2)]
        self.feed: Feed
        self.subscribers: list[Subscriber] = []

    @property
    def urls(self) -> list[str]:
        """Where clients find the API, through cables."""
        return [f"http://127.0.0.1:{each.port}" for each in self.api_lines]

    def _environment(self, number: int, **more: str) -> dict[str, str]:
        found = self.stores.environment(
            HUB_NEO4J_URL="bolt://127.0.0.1:9", HUB_HEARTBEAT_SECONDS="1", **more
        )
        if number == 0:
            port = str(self.postgres_line.target[1])
            for name in ("HUB_POSTGRES_URL", "HUB_POSTGRES_OWNER_URL", "HUB_POSTGRES_AUDITOR_URL"):
                found[name] = found[name].replace(f":{port}/", f":{self.postgres_line.port}/")
            found["HUB_KAFKA_SERVERS"] = f"127.0.0.1:{self.kafka_line.port}"
        return found

    def _ingest(self, number: int) -> HubProcess:
        folder = self.stores.folder
        return HubProcess(f"ingest{number}", ["ingest"], self._environment(number), folder)

    def _api(self, number: int) -> HubProcess:
        port = choose(set())
        self.api_lines[number].target = ("127.0.0.1", port)
        small = {} if number == 0 else self._small()
        environment = self._environment(number, HUB_SHUTDOWN_SECONDS="5", **small)
        arguments = ["serve", "--port", str(port)]
        return HubProcess(f"api{number}", arguments, environment, self.stores.folder)

    def _small(self) -> dict[str, str]:
        """Little memory, so that streams fall behind and read from the store."""
        log = 5_000 if self.full else 60
        return {"HUB_STREAM_LOG_EVENTS": str(log), "HUB_STREAM_BUFFER_BYTES": "8192"}

    async def start(self) -> None:
        """Start all processes, and wait until they work."""
        for each in (*self.ingests, *self.apis):
            each.start()
        for each in self.apis:
            await self.answers(each)
        for each in self.ingests:
            await self.until(lambda each=each: each.said("partition taken") > 0)  # type: ignore[misc]

    def end(self) -> None:
        for each in (*self.ingests, *self.apis):
            each.end()

    async def answers(self, api: HubProcess) -> None:
        """Wait until an API process takes requests."""
        port = self.api_lines[self.apis.index(api)].target[1]

        async def answered() -> bool:
            try:
                async with httpx.AsyncClient(trust_env=False) as client:
                    answer = await client.get(f"http://127.0.0.1:{port}/live")
            except httpx.TransportError:
                return False
            return answer.status_code < 500

        await self.until(answered)

    async def until(
        self, holds: Callable[[], bool | Awaitable[bool]], seconds: float = PATIENCE
    ) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + seconds
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            assert time.monotonic() < ends, "it did not come to pass"
            await asyncio.sleep(0.1)

    async def flow(self, count: int = 200) -> None:
        """Wait until so many more detections were accepted."""
        await self.feed.accepts(count)

    async def vector(self) -> StoredVector:
        """Up to where PostgreSQL has the events."""
        while True:
            try:
                found = await stored_vector(self.stores.postgres)
            except StoreUnavailable:
                await asyncio.sleep(0.2)
                continue
            assert found is not None
            return found

    async def survives(self, *faults: Callable[[Town], Awaitable[None]]) -> Tally:
        """Let events flow, do this to them, and compare in the end."""
        before = await self.vector()
        began = time.monotonic()
        self._runs += 1
        self.feed = Feed(self.stores, self.urls, self.token, self.rate, 1_000 * self._runs)
        self.subscribers = self._subscribers()
        try:
            for each in self.subscribers:
                each.start()
            await self.until(lambda: all(each.cursor for each in self.subscribers))
            self.feed.start()
            await self.flow(200)
            for fault in faults:
                await fault(self)
            await self.flow(200)
            await self.feed.stop()
            accepted = self.feed.counts.accepted
            print(f"{accepted / (time.monotonic() - began):.0f} accepted a second", end="; ")
            since = time.monotonic()
            return await self._judge(before, since)
        except BaseException:
            self._keep_logs()
            raise
        finally:
            await self.feed.end()
            for each in self.subscribers:
                await each.end()
            await self._mend()

    def _keep_logs(self) -> None:
        """What the processes told, for whoever looks into a failure."""
        LOGS.mkdir(parents=True, exist_ok=True)
        for each in (*self.ingests, *self.apis):
            shutil.copy(each.log, LOGS)
        for name in ("kafka", "postgres"):
            (LOGS / f"{name}.log").write_text(self.engines.log(name))

    async def _mend(self) -> None:
        """Whatever a fault has left behind, the next one finds all as it should be."""
        for each in (self.kafka_line, self.postgres_line, *self.api_lines):
            each.plug_in()
        await self.engines.start()
        for api in self.apis:
            if api.mend():
                await self.answers(api)
        for ingest in self.ingests:
            ingest.mend()

    async def _judge(self, before: StoredVector, since: float) -> Tally:
        accepted = sum(self.feed.accepted.values())
        complete = True
        try:
            await self.until(lambda: self._stored(before, accepted), 5 * PATIENCE)
        except AssertionError:
            complete = False
        after = await self.vector()
        try:
            await self.until(lambda: all(_covers(s, after) for s in self.subscribers))
        except AssertionError:
            complete = False
        print(f"all delivered {time.monotonic() - since:.1f} s after the last was accepted")
        filters = [each.filter for each in self.subscribers]
        stored = await stored_since(self.stores.postgres, after.epoch, before.offsets, filters)
        tally = judge(self.feed, self.subscribers, stored)
        print(tally)
        assert accepted == self.feed.counts.accepted
        faults = {each.name: each.faults[:5] for each in self.subscribers if each.faults}
        assert not faults, faults
        assert not tally.wrong, tally.wrong
        assert complete, "it took too long"
        assert tally.stored == tally.accepted
        return tally

    async def _stored(self, before: StoredVector, count: int) -> bool:
        """Whether so many versions came after a vector."""
        try:
            found = await self.stores.postgres.fetchval(
                COUNT, before.epoch, list(range(PARTITIONS)), list(before.offsets)
            )
        except StoreUnavailable:
            return False
        return bool(found >= count)

    def _subscribers(self) -> list[Subscriber]:
        token = f"Bearer {self.token}"
        made: list[Subscriber] = []
        for name, given in FILTERS.items():
            for kind in (SocketSubscriber, SseSubscriber):
                named = f"{name} by {'socket' if kind is SocketSubscriber else 'sse'}"
                made.append(kind(named, self.urls, token, given, len(made) + 100 * self._runs))
        return made


def _covers(subscriber: Subscriber, after: StoredVector) -> bool:
    return len(subscriber.offsets) == len(after.offsets) and all(
        a >= b for a, b in zip(subscriber.offsets, after.offsets, strict=True)
    )


@asynccontextmanager
async def town(full: bool) -> AsyncIterator[Town]:
    """A town on engines of its own, for the length of the block."""
    async with AsyncExitStack() as stack:
        names = ("kafka", "postgres", "api0", "api1")
        lines = {name: await stack.enter_async_context(line("127.0.0.1", 9)) for name in names}
        engines = OwnEngines(lines["kafka"].port, 8_000 if full else 600)
        try:
            await engines.start()
            at = addresses(engines.settings)
            lines["kafka"].target = ("127.0.0.1", engines.behind_cable)
            port = int(at.postgres_service_dsn.rpartition(":")[2].partition("/")[0])
            lines["postgres"].target = ("127.0.0.1", port)
            at = replace(at, neo4j_url="bolt://127.0.0.1:9")
            async with event_stores(at, partitions=PARTITIONS) as stores:
                made = Town(engines, stores, lines, full)
                try:
                    await made.start()
                    yield made
                finally:
                    made.end()
        finally:
            await engines.end()
