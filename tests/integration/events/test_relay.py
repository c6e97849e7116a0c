"""The change log on the topic `graph.changes`: each change once, in order, across kills."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest_asyncio

from resolvers.bulk import BulkRow, BulkWriter
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.change_log import head
from resolvers.stores.tail import read_all
from schema.wire import GraphChange
from tests.events_for_tests import EventStores, event_stores, until


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores) as made:
        yield made


async def relayed(stores: EventStores) -> list[GraphChange]:
    found = []
    async for page in read_all(stores.at, (stores.names.changes, 0)):
        for record in page:
            assert record.value is not None
            change = GraphChange.model_validate_json(record.value)
            assert record.key == f"{change.type}:{change.code}".encode()
            found.append(change)
    return found


async def change(stores: EventStores, n: int) -> None:
    """One more change set, of two changes."""
    writer = BulkWriter(stores.postgres, CATALOG, actor="test", source="generated")
    fields = {"kind": "MARKET_REGULATION"}
    rows = [
        BulkRow(CATALOG["Department"], f"N{n}-{i}", fields | {"name": f"部门{n}"}, {}, ref=i)
        for i in range(2)
    ]
    result = await writer.write(rows)
    assert not result.rejections


async def test_each_change_is_relayed_once(stores: EventStores) -> None:
    async def caught_up() -> bool:
        found = await relayed(stores)
        return bool(found) and found[-1].position == await head(stores.postgres)

    for n in range(3):
        with stores.ingest() as process:
            await change(stores, n)
            if n < 2:
                await until(lambda: _some(stores, 1))
                process.kill()
                await change(stores, 10 + n)
            else:
                await until(caught_up)
                print(process.stop())
    found = await relayed(stores)
    rows = await stores.postgres.fetch(
        "select from_position, ordinal, type, code, version, operation, fields, edges "
        "from entity_versions order by 1, 2"
    )
    told = [
        (c.position, c.ordinal, c.type, c.code, c.version, c.operation, c.fields, c.edges)
        for c in found
    ]
    print(f"changes={len(rows)} relayed={len(told)}")
    assert told == [tuple(row) for row in rows]
    assert orjson.dumps(found[-1].model_dump(mode="json"))


async def _some(stores: EventStores, count: int) -> bool:
    return len(await relayed(stores)) >= count
