"""A log and a graph of a test's own, in the session's engines."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest_asyncio

from resolvers.bulk import BulkWriter
from resolvers.changes import Changes
from resolvers.graph_check import CheckResult, check_graph
from resolvers.model import CATALOG
from resolvers.rights import STEWARD, Caller
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres
from resolvers.stores.projector import Projector
from tests.stores_for_tests import create_database, drop_database

ANNE = Caller("anne", frozenset({STEWARD}))
BEN = Caller("ben", frozenset({STEWARD}))

numbers = itertools.count(1)


@dataclass
class Site:
    """Open stores with an empty log; the graph is emptied when its projector first leads."""

    addresses: StoreAddresses
    postgres: Postgres
    graph: Graph
    projector: Projector
    task: asyncio.Task[None] | None = None

    async def start_projector(self) -> None:
        self.task = asyncio.create_task(self.projector.run())
        async with asyncio.timeout(30):
            await self.projector.catch_up(0)

    async def stop_projector(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            self.task = None

    def writer(self, **options: object) -> BulkWriter:
        given = {"actor": "test", "source": "generated", "projector": self.projector}
        return BulkWriter(self.postgres, CATALOG, **(given | options))  # type: ignore[arg-type]

    def changes(self, wait_seconds: float = 5.0) -> Changes:
        return Changes(
            self.postgres,
            self.graph,
            CATALOG,
            projector=self.projector,
            wait_seconds=wait_seconds,
        )

    async def check(self) -> CheckResult:
        result = await check_graph(self.postgres, self.graph, CATALOG, wait_seconds=20)
        assert result.equal, result.as_dict()
        return result

    async def close(self) -> None:
        await self.stop_projector()
        await self.graph.close()
        await self.postgres.close()


def in_database(addresses: StoreAddresses, name: str) -> StoreAddresses:
    """The same stores with another PostgreSQL database."""
    return replace(
        addresses,
        **{
            field: getattr(addresses, field).rpartition("/")[0] + "/" + name
            for field in ("postgres_service_dsn", "postgres_owner_dsn", "postgres_auditor_dsn")
        },
    )


async def open_site(addresses: StoreAddresses) -> Site:
    """Migrate and open the stores; no projector works yet."""
    await migrate(
        addresses.postgres_owner_dsn,
        service_role=role_of(addresses.postgres_service_dsn),
        auditor_role=role_of(addresses.postgres_auditor_dsn),
    )
    postgres = await Postgres.open(addresses.postgres_service_dsn)
    graph = Graph.open(addresses.neo4j_url, addresses.neo4j_user, addresses.neo4j_password)
    projector = Projector(postgres, graph, CATALOG, poll_seconds=0.2)
    return Site(addresses, postgres, graph, projector)


@pytest_asyncio.fixture(loop_scope="session")
async def quiet_site(store_addresses: StoreAddresses) -> AsyncIterator[Site]:
    """Stores of the test's own, in which nobody projects."""
    name = f"t_writes_{next(numbers)}"
    await create_database(store_addresses, name)
    site = await open_site(in_database(store_addresses, name))
    try:
        yield site
    finally:
        await site.close()
        await drop_database(store_addresses, name)


@pytest_asyncio.fixture(loop_scope="session")
async def site(quiet_site: Site) -> Site:
    """Stores of the test's own, with a projector at work."""
    await quiet_site.start_projector()
    return quiet_site
