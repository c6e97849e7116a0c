"""The main reads use an index: what the real engine says, over a few thousand records.

Where a subquery stands inside an expression, EXPLAIN does not show its operators: there PROFILE's
count of hits tells, which is small whatever the number of records.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import neo4j
import pytest
import pytest_asyncio
from graphql import parse

from resolvers.bulk import BulkRow
from resolvers.cursors import CursorKey
from resolvers.execute import Executor
from resolvers.model import CATALOG
from resolvers.params import Binding
from resolvers.rights import Caller, rights_of
from resolvers.stores.addresses import StoreAddresses
from resolvers.venues import VENUE_KIND
from schema.build import whole
from tests.contract.differential.comparison import parsed
from tests.plans.stores import stores_with
from tests.small_district import GRIDS, batches, grid_code

SIZE = 1_500


@dataclass
class Explainer:
    """Tells how the engine runs an operation."""

    executor: Executor
    addresses: StoreAddresses

    async def profile(self, query: str) -> tuple[list[str], int]:
        """The operators with what they work on (`NodeIndexSeek …`), and hits on the store."""
        document = parsed(parse(query))
        operation = document.operation(None)
        values = self.executor.coerce(operation, {})
        plan = self.executor.plan(document, operation, values)
        services = self.executor.services
        rights = rights_of(Caller("reader"), CATALOG)
        binding = Binding(values.coerced, rights, self.executor.cursor_key, services.placement)
        params = plan.bind(binding, self.executor.limits)
        at = self.addresses
        async with (
            neo4j.AsyncGraphDatabase.driver(
                at.neo4j_url, auth=(at.neo4j_user, at.neo4j_password), telemetry_disabled=True
            ) as driver,
            driver.session() as session,
        ):
            summary = await (await session.run(f"PROFILE {plan.statement}", params)).consume()
        assert summary.profile is not None
        found = list(_operators(dict(summary.profile)))
        return [operator for operator, _ in found], sum(hits for _, hits in found)


def _operators(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    name = plan["operatorType"].partition("@")[0]
    yield f"{name} {plan['args'].get('Details', '')}", plan.get("dbHits", 0)
    for child in plan.get("children", ()):
        yield from _operators(child)


def varied() -> Iterator[list[BulkRow]]:
    """The small district, with venues of every kind and licences of many dates."""
    kinds = list(VENUE_KIND.values)
    for batch in batches(SIZE):
        for i, row in enumerate(batch):
            if row.entity.name == "Venue":
                row.fields = {**row.fields, "kind": kinds[i % len(kinds)]}
            if row.entity.name == "Licence":
                row.fields = {**row.fields, "expires_on": f"20{20 + i % 20}-01-01"}
        yield batch


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def explain(fresh_stores: StoreAddresses) -> AsyncIterator[Explainer]:
    async with stores_with(fresh_stores, varied()) as stores:
        await stores.graph.run("CALL db.prepareForReplanning(60)")
        executor = Executor(whole()._schema, CATALOG, stores.services, CursorKey(b"k" * 16))
        yield Explainer(executor, fresh_stores)


SEEKS: dict[str, tuple[str, str]] = {
    "a page by kind": (
        "{ venues(filter: {kind: {eq: SHOP}}, first: 10) { nodes { code } } }",
        "NodeIndexSeek RANGE INDEX n0:Venue(kind, code)",
    ),
    "a page by kind, counted": (
        "{ venues(filter: {kind: {eq: SHOP}}) { totalCount } }",
        "NodeIndexSeek RANGE INDEX n0:Venue(kind, code)",
    ),
    "a page by several kinds": (
        "{ venues(filter: {kind: {in: [SHOP, EATERY]}}, first: 10) { nodes { code } } }",
        "NodeIndexSeek RANGE INDEX n0:Venue(kind, code)",
    ),
    "codes by prefix": (
        '{ venues(filter: {code: {prefix: "V12"}}) { nodes { code } } }',
        "NodeUniqueIndexSeekByRange UNIQUE n0:Venue(code)",
    ),
    "near a point": (
        """{ venues(filter: {location: {near: {longitude: 120.05, latitude: 36.005,
        metres: 100}}}) { nodes { code } } }""",
        "NodeIndexSeekByRange POINT INDEX n0:Venue(location)",
    ),
    "within a polygon": (
        """{ venues(filter: {location: {within: [{longitude: 120.05, latitude: 36.004},
        {longitude: 120.06, latitude: 36.004}, {longitude: 120.05, latitude: 36.006}]}})
        { nodes { code } } }""",
        "NodeIndexSeekByRange POINT INDEX n0:Venue(location)",
    ),
    "expired licences": (
        '{ licences(filter: {expiresOn: {lt: "2021-06-01"}}) { nodes { code } } }',
        "NodeIndexSeek RANGE INDEX n0:Licence(expires_on, code)",
    ),
    "all, in order of name": (
        "{ venues(orderBy: [{name: ASC}], first: 10) { nodes { name } } }",
        "NodeIndexScan RANGE INDEX n0:Venue(name, code)",
    ),
}


@pytest.mark.parametrize("name", sorted(SEEKS))
async def test_it_seeks_in_an_index(explain: Explainer, name: str) -> None:
    query, seek = SEEKS[name]
    operators, _ = await explain.profile(query)
    assert any(operator.startswith(seek) for operator in operators), "\n".join(operators)
    scans = [o for o in operators if o.startswith(("NodeByLabelScan", "AllNodesScan"))]
    assert not scans, operators


FEW: dict[str, str] = {
    "a lookup by code": '{ venue(code: "V7") { name } }',
    "a lookup with its path": '{ venue(code: "V7") { path { code } } }',
    "a node by id": '{ node(id: "VmVudWU6Vjc") { name } }',
    "nodes by id": '{ nodes(ids: ["VmVudWU6Vjc", "VmVudWU6Vjg"]) { name } }',
    "every record with a code": '{ locate(code: "V7") { name } }',
    "a building with its venues": '{ building(code: "B7") { venues { nodes { name } } } }',
    "the first venues": "{ venues(first: 10) { nodes { name } } }",
    "the last venues": "{ venues(last: 10) { nodes { name } } }",
    "the first of a kind": "{ venues(filter: {kind: {eq: MALL}}, first: 10) { nodes { name } } }",
    "the first by name": "{ venues(orderBy: [{name: ASC}], first: 10) { nodes { code } } }",
    "the last by name": "{ venues(orderBy: [{name: DESC}], first: 10) { nodes { code } } }",
}


@pytest.mark.parametrize("name", sorted(FEW))
async def test_it_looks_at_few_records(explain: Explainer, name: str) -> None:
    """A page stops at its size: the order comes from an index, not from sorting everything."""
    operators, hits = await explain.profile(FEW[name])
    assert hits < 150, (hits, operators)


async def test_a_grid_is_asked_for_what_is_in_it_alone(explain: Explainer) -> None:
    _, hits = await explain.profile(
        f'{{ grid(code: "{grid_code(3)}") {{ buildings(first: 20) {{ nodes {{ name '
        "venues(first: 5) { nodes { name } } } } } }"
    )
    assert hits < 20 * SIZE / GRIDS, hits
