"""Stores with events in them, and `hub events` as an operator runs it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import asyncpg
import orjson
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from hub.ingest.names import Names
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.topics import ensure_topics
from schema.wire import Event
from tests.stores_for_tests import create_database, drop_database

numbers = count(1)


@dataclass(frozen=True)
class Site:
    """Stores of one test's own."""

    data: str
    at: StoreAddresses
    prefix: str

    async def run(self, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        """`hub events …`, beside this loop."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("HUB_")
        } | {
            "HUB_DATA": self.data,
            "HUB_POSTGRES_URL": self.at.postgres_service_dsn,
            "HUB_POSTGRES_OWNER_URL": self.at.postgres_owner_dsn,
            "HUB_POSTGRES_AUDITOR_URL": self.at.postgres_auditor_dsn,
            "HUB_KAFKA_SERVERS": self.at.kafka_servers,
            "HUB_KAFKA_USER": self.at.kafka_user or "",
            "HUB_KAFKA_PASSWORD": self.at.kafka_password or "",
            "HUB_TOPIC_PREFIX": self.prefix,
            "COLUMNS": "200",
        }
        command = [os.path.join(os.path.dirname(sys.executable), "hub"), "events"]
        return await asyncio.to_thread(
            subprocess.run,
            [*command, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.at.postgres_owner_dsn)

    async def fetch(self, text: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await self.connect()
        try:
            return await connection.fetch(text, *arguments)
        finally:
            await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(engines: Settings, store_addresses: StoreAddresses) -> AsyncIterator[Site]:
    """A database with the tables and topics with a prefix of their own."""
    name = f"t_event_tools_{next(numbers)}"
    await create_database(store_addresses, name)
    at = replace(
        store_addresses,
        **{
            field: getattr(store_addresses, field).rpartition("/")[0] + "/" + name
            for field in ("postgres_service_dsn", "postgres_owner_dsn", "postgres_auditor_dsn")
        },
    )
    await migrate(
        at.postgres_owner_dsn,
        service_role=role_of(at.postgres_service_dsn),
        auditor_role=role_of(at.postgres_auditor_dsn),
    )
    prefix = f"{name}."
    await ensure_topics(at, Names(prefix).topics(3))
    try:
        yield Site(str(engines.data), at, prefix)
    finally:
        await drop_database(store_addresses, name)


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def event(number: int, recorded: datetime, **changes: Any) -> dict[str, Any]:
    """A version of an event as ingest would write it."""
    opened = recorded - timedelta(minutes=1)
    made: dict[str, Any] = {
        "id": f"event{number:08}",
        "version": 1,
        "phase": "OPENED",
        "type": "GARBAGE_PILE",
        "status": "OPEN",
        "camera": f"CAM{number % 7}",
        "grid": "G1",
        "venue": None,
        "firm": None,
        "path": ["D1", "S1", "G1"],
        "zone": 'kerb, "left"\n',
        "position": {"longitude": 120.25, "latitude": 36.0625},
        "openedAt": instant(opened),
        "updatedAt": instant(opened),
        "closedAt": None,
        "recordedAt": instant(recorded),
        "confidence": 0.875,
        "observations": 1,
        "verdict": None,
        "reviewedBy": None,
        "reviewedAt": None,
        "reviewNote": None,
        "reviewId": None,
        "box": [1.0, 2.0, 3.5, 4.0],
        "evidence": [{"kind": "CLIP", "sha256": "ab" * 32, "mediaType": "video/mp4"}],
        "attributes": {"bags": number, "nested": {"中文": [1, None]}},
        "rule": "garbage",
        "ruleVersion": "3",
        "model": None,
        "modelVersion": None,
        "source": "generated",
        "before": None,
    } | changes
    Event.model_validate_json(orjson.dumps(made))
    return made


async def store(site: Site, placed: list[tuple[int, int, dict[str, Any]]]) -> None:
    """Put versions into the tables: (partition, offset, message), in the order of versions."""
    connection = await site.connect()
    try:
        await connection.execute("insert into event_topics values (1, 'topic', 3)")
        for partition in range(3):
            ends = [offset + 1 for p, offset, _ in placed if p == partition]
            await connection.execute(
                "insert into event_positions values (1, $1, $2)", partition, max(ends, default=0)
            )
        months = {datetime.fromisoformat(doc["recordedAt"]) for _, _, doc in placed}
        await connection.fetch("select event_month(m) from unnest($1::timestamptz[]) m", months)
        await connection.executemany(
            "insert into event_versions values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                (
                    partition,
                    offset,
                    datetime.fromisoformat(doc["recordedAt"]),
                    doc["id"],
                    doc["version"],
                    doc["camera"],
                    doc["type"],
                    doc["reviewId"],
                    orjson.dumps(doc).decode(),
                )
                for partition, offset, doc in placed
            ],
        )
        latest = {doc["id"]: doc for _, _, doc in placed}
        await connection.executemany(
            "insert into events (id, version, type, phase, status, camera, path, opened_at, "
            "updated_at, recorded_at, confidence, rule, source, doc) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            [
                (
                    doc["id"],
                    doc["version"],
                    doc["type"],
                    doc["phase"],
                    doc["status"],
                    doc["camera"],
                    doc["path"],
                    datetime.fromisoformat(doc["openedAt"]),
                    datetime.fromisoformat(doc["updatedAt"]),
                    datetime.fromisoformat(doc["recordedAt"]),
                    doc["confidence"],
                    doc["rule"],
                    doc["source"],
                    orjson.dumps(doc).decode(),
                )
                for doc in latest.values()
            ],
        )
    finally:
        await connection.close()


async def put(site: Site, topic: str, rows: list[tuple[bytes | None, bytes]]) -> None:
    """Messages on a topic."""
    producer = AIOKafkaProducer(**site.at.kafka_options(), max_request_size=8_000_000)
    await producer.start()
    try:
        for key, value in rows:
            await producer.send(site.prefix + topic, value, key=key)
    finally:
        await producer.stop()
