"""Events in tests: a district in the change log, `hub ingest` as processes, messages and counts.

`EventStores` is what a test needs of the session's stores: a database and topics of its own.

    async with event_stores(fresh_stores) as stores:   # migrated, small district loaded, topics
        with stores.ingest() as process:               # a `hub ingest`; .kill(), .stop(), .pid
            await stores.send([seen(camera(0), began, after=0), ...])
            await stores.settled()                     # ingest has read all, the writer stored all
        print(await stores.tally())                    # versions, events, gaps, dead ...
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson

from hub.ingest.names import Names
from resolvers.bulk import BulkWriter
from resolvers.errors import StoreUnavailable
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Place
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.postgres import Postgres
from resolvers.stores.sender import Outgoing, Sender
from resolvers.stores.tail import Record, committed, ends_of, read_all
from resolvers.stores.topics import ensure_topics
from schema.wire import detection_key, event_id
from tests.small_district import batches

T = TypeVar("T")

CAMERAS = 60
BEGAN = datetime(2026, 1, 31, 8, tzinfo=UTC)

GAPS = """
select count(*) from (
    select id, count(*) as n, max(version) as last, min(version) as first from event_versions
    group by id having count(*) <> max(version) or min(version) <> 1) as odd"""


def camera(i: int) -> str:
    """The code of the small district's i-th camera (0 to CAMERAS - 1)."""
    return f"37020200001320{i:06d}"


def seen(
    code: str,
    began: datetime = BEGAN,
    *,
    after: float = 0,
    type: str = "ILLEGAL_PARKING",
    zone: str | None = None,
    phase: str = "SEEN",
    **other: Any,
) -> dict[str, Any]:
    """A detection of an episode that began at `began`, made `after` seconds."""
    return {
        "key": detection_key(code, type, zone, began),
        "type": type,
        "phase": phase,
        "camera": code,
        "zone": zone,
        "startedAt": began.isoformat(),
        "capturedAt": (began + timedelta(seconds=after)).isoformat(),
        "confidence": 0.9,
        "attributes": {"seconds": after},
        "rule": "illegal-parking",
        "ruleVersion": "1",
        "source": "test",
        **other,
    }


def gone(code: str, began: datetime = BEGAN, *, after: float = 60, **other: Any) -> dict[str, Any]:
    """The detection that ends such an episode."""
    return seen(code, began, after=after, phase="GONE", **other)


def review(detection: Mapping[str, Any], n: int = 1, **other: Any) -> dict[str, Any]:
    """A review of the event that a detection belongs to; `n` tells reviews apart."""
    event = event_of(detection)
    return {
        "reviewId": f"review-{n:06d}-{event[:8]}",
        "event": event,
        "camera": detection["camera"],
        "verdict": "CONFIRMED",
        "note": "checked",
        "reviewer": "tester",
        "reviewedAt": (BEGAN + timedelta(hours=1, seconds=n)).isoformat(),
        **other,
    }


def event_of(detection: Mapping[str, Any]) -> str:
    """The id of the event that a detection belongs to."""
    return event_id(detection["camera"], detection["key"])


@dataclass
class IngestProcess:
    """A running `hub ingest`."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(20)

    def pause(self) -> None:
        """SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> dict[str, int]:
        """SIGTERM once it runs, and the counts that it prints at its end."""
        ends = time.monotonic() + 60
        while not self.log.stat().st_size and time.monotonic() < ends:
            time.sleep(0.05)  # before its first line a signal ends it without a word
        self.process.terminate()
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, self.log.read_text()[-3000:]
        counts: dict[str, int] = json.loads(out.splitlines()[-1])
        return counts

    def said(self, word: str) -> int:
        """How many lines of its log hold a word."""
        return sum(word in line for line in self.log.read_text().splitlines())


class EventStores:
    """The stores of a test of events, and what is done to them."""

    def __init__(self, at: StoreAddresses, prefix: str, partitions: int, folder: Path) -> None:
        self.at = at
        self.prefix = prefix
        self.partitions = partitions
        self.folder = folder
        self.names = Names(prefix)
        self.sent = 0
        self.postgres: Postgres
        self.sender: Sender
        self._running: list[IngestProcess] = []

    def environment(self, **other: str) -> dict[str, str]:
        """The settings of a hub on these stores, as environment variables."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        at = self.at
        made = {
            "HUB_DATA": str(self.folder),
            "HUB_DISTRICTS": "",
            "HUB_NEO4J_URL": at.neo4j_url,
            "HUB_NEO4J_USER": at.neo4j_user,
            "HUB_NEO4J_PASSWORD": at.neo4j_password,
            "HUB_POSTGRES_URL": at.postgres_service_dsn,
            "HUB_POSTGRES_OWNER_URL": at.postgres_owner_dsn,
            "HUB_POSTGRES_AUDITOR_URL": at.postgres_auditor_dsn,
            "HUB_KAFKA_SERVERS": at.kafka_servers,
            "HUB_KAFKA_USER": at.kafka_user or "",
            "HUB_KAFKA_PASSWORD": at.kafka_password or "",
            "HUB_TOPIC_PREFIX": self.prefix,
            "HUB_EVENT_PARTITIONS": str(self.partitions),
            "HUB_EVENT_SESSION_SECONDS": "6",
        }
        return clean | made | other

    @contextmanager
    def ingest(self, **settings: str) -> Iterator[IngestProcess]:
        """A `hub ingest` for the length of the block (killed at its end if it still runs).

        `settings` are environment variables, such as HUB_EVENT_BATCH="100".
        """
        log = self.folder / f"ingest-{len(self._running)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("hub")), "ingest"],
                env=self.environment(**settings),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        running = IngestProcess(process, log)
        self._running.append(running)
        try:
            yield running
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=20)

    async def send(self, detections: Iterable[Mapping[str, Any]]) -> int:
        """Send detections, in order; how many Kafka has acknowledged."""
        return await self._send(self.names.detections, detections)

    async def send_reviews(self, reviews: Iterable[Mapping[str, Any]]) -> int:
        """Send reviews in the same way."""
        return await self._send(self.names.reviews, reviews)

    async def send_raw(self, topic: str, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Send keys and values as they are."""
        await self.sender.send([Outgoing(topic, key, value) for key, value in pairs])

    async def _send(self, topic: str, messages: Iterable[Mapping[str, Any]]) -> int:
        outgoing = [
            Outgoing(topic, each["camera"].encode(), orjson.dumps(each)) for each in messages
        ]
        await self.sender.send(outgoing)
        self.sent += len(outgoing)
        return len(outgoing)

    def places(self, topic: str) -> list[Place]:
        """All partitions of one of the topics keyed by camera."""
        return [(topic, p) for p in range(self.partitions)]

    async def settled(self, seconds: float = 60) -> None:
        """Wait until ingest has taken all that was sent, and the writer has stored all of it."""
        async with asyncio.timeout(seconds):
            await until(self._taken, seconds)
            written = len(await _patiently(lambda: self.read(self.names.events)))
            await until(lambda: self._stored(written), seconds)

    async def _stored(self, written: int) -> bool:
        return (await _patiently(self.tally))["stored"] >= written

    async def _taken(self) -> bool:
        """Whether ingest has committed the offset after the last message of every partition."""
        inputs = self.places(self.names.detections) + self.places(self.names.reviews)
        ends = await _patiently(lambda: ends_of(self.at, inputs))
        done = await _patiently(lambda: committed(self.at, self.names.ingest_group, inputs))
        return all((done[place] or 0) >= ends[place] for place in inputs)

    async def read(self, topic: str) -> list[Record]:
        """Every committed message of a topic, partition by partition."""
        found: list[Record] = []
        for place in self.places(topic):
            async for page in read_all(self.at, place):
                found += page
        return found

    async def documents(self, topic: str) -> list[dict[str, Any]]:
        """The JSON of every committed message of a topic."""
        return [orjson.loads(record.value) for record in await self.read(topic) if record.value]

    async def events(self) -> dict[str, dict[str, Any]]:
        """The events in PostgreSQL: the document of each by id."""
        rows = await self.postgres.fetch("select id, doc from events")
        return {row["id"]: orjson.loads(row["doc"]) for row in rows}

    async def tally(self) -> dict[str, int]:
        """Counts of PostgreSQL: versions stored, different ones, events, and events whose versions
        are not 1 to n."""
        fetch = self.postgres.fetchval
        return {
            "stored": await fetch("select count(*) from event_versions"),
            "different": await fetch(
                "select count(*) from (select distinct id, version from event_versions) as d"
            ),
            "events": await fetch("select count(*) from events"),
            "gaps": await fetch(GAPS),
        }


@asynccontextmanager
async def event_stores(
    at: StoreAddresses, *, partitions: int = 4, cameras: int = CAMERAS
) -> AsyncIterator[EventStores]:
    """Topics under a prefix of their own, and PostgreSQL at `at` migrated (for example the fixture
    `fresh_stores`) with the small district in its change log."""
    with tempfile.TemporaryDirectory(prefix="events-") as folder:
        stores = EventStores(at, f"t{uuid.uuid4().hex[:8]}.", partitions, Path(folder))
        await migrate(
            at.postgres_owner_dsn,
            service_role=role_of(at.postgres_service_dsn),
            auditor_role=role_of(at.postgres_auditor_dsn),
        )
        stores.postgres = await Postgres.open(at.postgres_service_dsn)
        stores.sender = Sender(at, seconds=60)
        try:
            await load_district(stores.postgres, cameras)
            await ensure_topics(at, stores.names.topics(partitions))
            yield stores
        finally:
            await stores.sender.close()
            await stores.postgres.close()


async def load_district(postgres: Postgres, size: int = CAMERAS) -> None:
    """Write the small district into the change log; the graph follows where a hub runs."""
    writer = BulkWriter(postgres, CATALOG, actor="test", source="generated")
    for batch in batches(size):
        result = await writer.write(batch)
        assert not result.rejections, result.rejections


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask a store until it answers."""
    while True:
        try:
            return await ask()
        except StoreUnavailable:
            await asyncio.sleep(0.2)


async def until(holds: Any, seconds: float = 30) -> None:
    """Wait until an asynchronous question is answered with yes."""
    ends = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < ends, "it did not come to pass"
        await asyncio.sleep(0.1)


def versions_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """By event, the numbers of its versions in the order of the messages."""
    found: dict[str, list[int]] = {}
    for each in documents:
        found.setdefault(each["id"], []).append(each["version"])
    return found
