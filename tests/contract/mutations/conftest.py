"""The executor over real stores that hold the small district."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import pytest_asyncio
from graphql import parse, validate

from hub.stores import Stores
from resolvers.bulk import BulkWriter
from resolvers.changes import Changes
from resolvers.cursors import CursorKey
from resolvers.execute import Executor, Services
from resolvers.grids import Grids
from resolvers.model import CATALOG
from resolvers.operation import Wanted
from resolvers.reference import attach
from resolvers.rights import Caller, rights_of
from resolvers.stores.addresses import StoreAddresses
from schema.build import build
from tests.contract.differential.comparison import parsed
from tests.small_district import batches

STEWARD = Caller("steward@test", frozenset({"steward"}))
SIZE = 20

Ask = Callable[..., Awaitable[dict[str, Any]]]


@dataclass
class Bench:
    """The executor, and what a test may do to what is below it."""

    executor: Executor
    stores: Stores

    def without_projection(self) -> Executor:
        """An executor whose changes are answered before the graph can have them."""
        there = self.executor.services
        changes = Changes(there.postgres, there.graph, CATALOG, wait_seconds=0.0)
        services = Services(there.graph, there.postgres, there.placement, changes)
        return Executor(self.executor.schema, CATALOG, services, self.executor.cursor_key)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(fresh_stores: StoreAddresses) -> AsyncIterator[Bench]:
    stores = await Stores.open(fresh_stores, CATALOG)
    await stores.prepare(CATALOG)
    projecting = asyncio.create_task(stores.projector.run())
    try:
        writer = BulkWriter(stores.postgres, CATALOG, actor="test", source="generated")
        for batch in batches(SIZE):
            result = await writer.write(batch)
            assert not result.rejections, result.rejections
        await stores.projector.catch_up(writer.total.position)
        stores.services.placement = await Grids(stores.postgres).placement()
        schema = build()._schema
        attach(schema, CATALOG)
        yield Bench(Executor(schema, CATALOG, stores.services, CursorKey(b"k" * 16)), stores)
    finally:
        projecting.cancel()
        with suppress(asyncio.CancelledError):
            await projecting
        await stores.close()


@pytest.fixture
def ask(bench: Bench) -> Ask:
    """Run an operation as a steward; gives the whole answer."""

    async def run(
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        caller: Caller = STEWARD,
        executor: Executor | None = None,
    ) -> dict[str, Any]:
        ast = parse(query)
        assert not validate(bench.executor.schema, ast)
        answer = await (executor or bench.executor).execute(
            parsed(ast), None, variables or {}, rights_of(caller, CATALOG), Wanted("test")
        )
        body: dict[str, Any] = orjson.loads(answer.body)
        return body

    return run
