"""The executor over real stores that hold the small district."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from graphql import parse, validate

from hub.stores import Stores
from resolvers.bulk import BulkWriter
from resolvers.changes import Changes
from resolvers.cursors import CursorKey
from resolvers.errors import all_codes
from resolvers.execute import Executor, Services
from resolvers.grids import Grids
from resolvers.model import CATALOG
from resolvers.operation import Wanted
from resolvers.reference import attach
from resolvers.rights import Caller, rights_of
from resolvers.stores.addresses import StoreAddresses
from schema.build import build
from tests.contract.differential.comparison import parsed
from tests.contract.federated import federated
from tests.contract.service import Service
from tests.small_district import batches
from tests.stores_for_tests import emptied

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
async def fresh(form: str, store_addresses: StoreAddresses) -> AsyncIterator[StoreAddresses]:
    """Emptied stores for each form."""
    async with emptied(store_addresses, f"t_mutations_{form}") as at:
        yield at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(fresh: StoreAddresses) -> AsyncIterator[Bench]:
    stores = await Stores.open(fresh, CATALOG)
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


@pytest.fixture(scope="module")
def gateway(
    form: str, bench: Bench, fresh: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service | None]:
    """The gateway over the same stores; None where the executor is asked itself."""
    if form == "process":
        yield None
        return
    with federated(tmp_path_factory.mktemp("mutations"), fresh) as federation:
        yield federation.service


@pytest.fixture
def ask(bench: Bench, gateway: Service | None) -> Ask:
    """Run an operation as a steward; gives the whole answer, or raises what refused it."""

    async def run(
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        caller: Caller = STEWARD,
        executor: Executor | None = None,
    ) -> dict[str, Any]:
        ast = parse(query)
        assert not validate(bench.executor.schema, ast)
        if gateway is not None and executor is None:
            return await _through(gateway, query, variables, caller)
        answer = await (executor or bench.executor).execute(
            parsed(ast), None, variables or {}, rights_of(caller, CATALOG), Wanted("test")
        )
        body: dict[str, Any] = orjson.loads(answer.body)
        return body

    return run


async def _through(
    gateway: Service, query: str, variables: dict[str, Any] | None, caller: Caller
) -> dict[str, Any]:
    headers = {}
    if caller.subject is not None:
        headers = gateway.signed_in(subject=caller.subject, roles=sorted(caller.roles))
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=60) as client:
        answer = await client.post("/graphql", json={"query": query, "variables": variables})
    body: dict[str, Any] = answer.json()
    if "data" not in body:
        [error] = body["errors"]
        raise all_codes()[error["extensions"]["code"]](error["message"], path=error.get("path"))
    for error in body.get("errors", ()):
        error["extensions"].pop("subgraph", None)
    return body
