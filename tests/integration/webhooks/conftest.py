"""A store of a test's own with events written by the test, and the service of webhooks over it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio

from hub.keys import Keys
from hub.settings import Settings
from hub.webhooks.service import Webhooks
from resolvers.model import CATALOG
from resolvers.rights import Caller
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.postgres import Postgres
from tests.stores_for_tests import create_database, drop_database

ANNE = Caller("anne", frozenset({"viewer"}), "D1")
BEN = Caller("ben")
STEWARD = Caller("stefan", frozenset({"steward"}))
PARTITIONS = 3
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
numbers = itertools.count(1)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Site:
    """The store, and services over it."""

    at: StoreAddresses
    postgres: Postgres
    data: Path
    topic_id: str = "topic-1"
    epoch: int = 1
    written: int = 0
    services: list[Webhooks] | None = None

    def service(self, first_pause: float = 0.05, **settings: Any) -> Webhooks:
        """A process's webhooks; it does not send before `start`."""
        given = {"webhook_private": True} | settings
        made = Webhooks(
            Settings(data=self.data, **given),
            Keys(self.data / "keys"),
            self.postgres,
            CATALOG,
            first_pause=first_pause,
        )
        self.services = [*(self.services or []), made]
        return made

    async def begin_topic(self) -> None:
        await self.postgres.execute(
            "insert into event_topics (epoch, topic_id, partitions) values ($1, $2, $3)",
            self.epoch,
            self.topic_id,
            PARTITIONS,
        )
        for partition in range(PARTITIONS):
            await self.postgres.execute(
                "insert into event_positions values ($1, $2, 0)", self.epoch, partition
            )

    async def fill(self, count: int, cameras: int = 5, **changes: Any) -> int:
        """Store versions as the writer does, round the cameras; tells how many there are now."""
        async with self.postgres.acquire() as connection, connection.transaction():
            await connection.execute("select event_month($1)", BEGAN)
            for _ in range(count):
                number = self.written
                self.written += 1
                doc = document(number, number % cameras, **changes)
                await self._store(connection, number % cameras % PARTITIONS, doc)
        return self.written

    async def _store(self, connection: Any, partition: int, doc: dict[str, Any]) -> None:
        offset = await connection.fetchval(
            "update event_positions set next_offset = next_offset + 2 "
            "where epoch = $1 and partition = $2 returning next_offset - 2",
            self.epoch,
            partition,
        )
        await connection.execute(
            "insert into event_versions values ($1,$2,$3,$4,$5,$6,$7,$8,null,$9)",
            self.epoch,
            partition,
            offset,
            datetime.fromisoformat(doc["recordedAt"]),
            doc["id"],
            doc["version"],
            doc["camera"],
            doc["type"],
            orjson.dumps(doc).decode(),
        )

    async def states(self, webhook: str) -> dict[str, int]:
        """Deliveries by state."""
        rows = await self.postgres.fetch(
            "select state, count(*) from webhook_deliveries where webhook = $1 group by state",
            webhook,
        )
        return {row[0]: row[1] for row in rows}

    async def until(self, webhook: str, **wanted: int) -> None:
        """Wait until the deliveries of each state are so many."""
        found: dict[str, int] = {}
        try:
            async with asyncio.timeout(20):
                while (found := await self.states(webhook)) != wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError((found, dict(await self.row(webhook)))) from None

    async def until_row(self, webhook: str, holds: Callable[[asyncpg.Record], bool]) -> None:
        """Wait until this holds for a webhook's row."""
        async with asyncio.timeout(20):
            while not holds(await self.row(webhook)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def row(self, webhook: str) -> asyncpg.Record:
        found = await self.postgres.fetchrow("select * from webhooks where id = $1", webhook)
        assert found is not None
        return found


def document(number: int, camera: int, **changes: Any) -> dict[str, Any]:
    """A version of an event: one event for each camera, the versions counted."""
    at = (BEGAN + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    made: dict[str, Any] = {
        "id": f"{camera:032x}",
        "version": number + 1,
        "phase": "UPDATED",
        "type": "GARBAGE_PILE",
        "status": "OPEN",
        "camera": f"CAM{camera}",
        "grid": "G1",
        "venue": None,
        "firm": None,
        "path": ["D1", "G1"],
        "zone": None,
        "position": {"longitude": 120.1, "latitude": 36.1},
        "openedAt": at,
        "updatedAt": at,
        "closedAt": None,
        "recordedAt": at,
        "confidence": 0.9,
        "observations": 1,
        "verdict": None,
        "reviewedBy": None,
        "reviewedAt": None,
        "reviewNote": None,
        "reviewId": None,
        "box": None,
        "evidence": [],
        "attributes": {"number": number},
        "rule": "garbage",
        "ruleVersion": "1",
        "model": None,
        "modelVersion": None,
        "source": "generated",
        "before": None,
    }
    return made | changes


@pytest_asyncio.fixture(loop_scope="session")
async def site(
    store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """An empty store with a topic begun."""
    name = f"t_webhooks_{next(numbers)}"
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
    postgres = await Postgres.open(at.postgres_service_dsn)
    made = Site(at, postgres, tmp_path_factory.mktemp("webhooks"))
    await made.begin_topic()
    try:
        yield made
    finally:
        for service in made.services or ():
            await service.stop()
        await postgres.close()
        await drop_database(store_addresses, name)
