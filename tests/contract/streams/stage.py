"""A hub with a log of events of its own: a topic on the session's Kafka, tables in PostgreSQL.

Events are put on the topic as ingest would write them; the writer that stores them runs only while
a test has it run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from hub.context import Hub
from hub.executor import whole_schema
from hub.ingest.counts import Counts
from hub.ingest.names import Names
from hub.ingest.writer import Writer
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import ensure_epoch, stored_vector
from resolvers.stores.kafka import end, make_producer, partition_of
from resolvers.stores.postgres import Postgres
from resolvers.stores.topics import ensure_topics, topic_id

PARTITIONS = 3
BEGAN = datetime(2026, 1, 31, tzinfo=UTC)


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(number: int, **changes: Any) -> dict[str, Any]:
    """The first version of an event as ingest would write it."""
    recorded = BEGAN + timedelta(milliseconds=number)
    made: dict[str, Any] = {
        "id": f"event{number:08}",
        "version": 1,
        "phase": "OPENED",
        "type": "GARBAGE_PILE",
        "status": "OPEN",
        "camera": f"{number % 7:020}",
        "grid": "G1",
        "venue": None,
        "firm": None,
        "path": ["D1", "S1", "G1"],
        "zone": None,
        "position": {"longitude": 120.25, "latitude": 36.0625},
        "openedAt": instant(recorded),
        "updatedAt": instant(recorded),
        "closedAt": None,
        "recordedAt": instant(recorded),
        "confidence": 0.875,
        "observations": 1,
        "verdict": None,
        "reviewedBy": None,
        "reviewedAt": None,
        "reviewNote": None,
        "reviewId": None,
        "box": None,
        "evidence": [],
        "attributes": {},
        "rule": "garbage",
        "ruleVersion": "1",
        "model": None,
        "modelVersion": None,
        "source": "generated",
        "before": None,
    }
    return made | changes


@dataclass
class Stage:
    """Topic, tables, and hubs that follow them."""

    at: StoreAddresses
    data: Path
    prefix: str
    postgres: Postgres
    writer: Writer
    next: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def hub(self, **settings: Any) -> Hub:
        """A hub of the whole schema; several of one stage stand for several processes."""
        values: dict[str, Any] = {
            "districts": "",
            "topic_prefix": self.prefix,
            "event_partitions": PARTITIONS,
            "heartbeat_seconds": 2.0,
        } | settings
        return Hub(Settings(data=self.data, **values), whole_schema(), at=self.at)

    async def produce(self, docs: Iterable[dict[str, Any]], *, transaction: int = 50) -> None:
        """Put events on the topic, so many in one transaction."""
        listed = list(docs)
        topic = self.prefix + "events"
        producer = await make_producer(self.at, transactional_id=f"{self.prefix}test")
        try:
            for at in range(0, len(listed), transaction):
                async with producer.transaction():
                    for doc in listed[at : at + transaction]:
                        camera = doc["camera"]
                        await producer.send(
                            topic,
                            orjson.dumps(doc),
                            key=camera.encode(),
                            partition=partition_of(camera, PARTITIONS),
                        )
        finally:
            await end(producer)
        self.sent += listed

    async def more(self, count: int, **changes: Any) -> list[dict[str, Any]]:
        """Put so many new events on the topic."""
        docs = [event(self.next + n, **changes) for n in range(count)]
        self.next += count
        await self.produce(docs)
        return docs

    @asynccontextmanager
    async def storing(self) -> AsyncIterator[None]:
        """Have the writer run for the length of the block."""
        self.writer.give(frozenset(range(PARTITIONS)))
        running = asyncio.create_task(self.writer.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait((running,))

    async def store(self) -> None:
        """Have the writer run until all that was sent is stored."""
        async with asyncio.timeout(30), self.storing():
            while True:
                if await self.stored() >= len(self.sent):
                    return
                await asyncio.sleep(0.05)

    async def stored(self) -> int:
        count: int = await self.postgres.fetchval("select count(*) from event_versions")
        return count

    async def stored_offsets(self) -> tuple[int, ...]:
        found = await stored_vector(self.postgres)
        assert found is not None
        return found.offsets


@asynccontextmanager
async def staged(at: StoreAddresses, data: Path, prefix: str) -> AsyncIterator[Stage]:
    """A stage over migrated tables and new topics."""
    names = Names(prefix)
    await ensure_topics(at, [t for t in names.topics(PARTITIONS) if t.name == names.events])
    postgres = await Postgres.open(at.postgres_service_dsn)
    try:
        epoch = await ensure_epoch(postgres, await topic_id(at, names.events), PARTITIONS)
        writer = Writer(at, postgres, names.events, epoch, Counts())
        yield Stage(at, data, prefix, postgres, writer)
    finally:
        await postgres.close()
