"""Stores with the schema of this release and a projector at work, and a way to load into them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from hub.district.profile import load_profile
from hub.generate.run import generate
from hub.generate.scale import SCALES
from hub.load.plan import make_plan
from hub.load.reject_file import RejectFile
from hub.load.run import Loading
from hub.load.summary import Summary
from hub.stores import Stores
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses

Load = Callable[..., Awaitable[Summary]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[Stores]:
    opened = await Stores.open(fresh_stores, CATALOG)
    await opened.prepare(CATALOG)
    projecting = asyncio.create_task(opened.projector.run())
    try:
        yield opened
    finally:
        projecting.cancel()
        await asyncio.wait([projecting])
        await opened.close()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up district of 3,000 records."""
    out = tmp_path_factory.mktemp("district")
    generate(load_profile("shinan"), SCALES["tiny"], 1, date(2026, 1, 31), out)
    return out


@pytest.fixture
def load(stores: Stores, tmp_path: Path) -> Load:
    """Load a path; rejects go to `rejects.csv` in the test's own folder."""

    async def run(path: Path, mapping: str | None = None, district: str | None = None) -> Summary:
        plan = make_plan(path, mapping, district)
        with RejectFile(tmp_path / "rejects.csv") as rejects:
            return await Loading(plan, stores, CATALOG, rejects).run()

    return run


async def contents(stores: Stores) -> tuple[list[tuple[object, ...]], list[list[object]]]:
    """Every record's key, version and digest in the log, and the graph's nodes and edges."""
    logged = await stores.postgres.fetch(
        "select type, code, version, digest from entities order by 1, 2"
    )
    nodes = await stores.graph.run(
        "MATCH (n:Record) OPTIONAL MATCH (n)-[e]->(t) "
        "RETURN labels(n), n.code, n.name, n.version, collect([type(e), t.code])"
    )
    # Sorted here: Cypher promises no order of what it collects.
    plain = [[sorted(node[0]), *node[1:4], sorted(map(str, node[4]))] for node in nodes]
    return [tuple(row) for row in logged], sorted(plain)
