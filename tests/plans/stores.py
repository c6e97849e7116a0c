"""Stores with given records in them, for as long as a block lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from hub.stores import Stores
from resolvers.bulk import BulkRow, BulkWriter
from resolvers.changes import Changes
from resolvers.grids import Grids
from resolvers.model import CATALOG
from resolvers.rights import Caller
from resolvers.stores.addresses import StoreAddresses


@asynccontextmanager
async def stores_with(
    addresses: StoreAddresses,
    batches: Iterable[list[BulkRow]],
    retired: Iterable[tuple[str, str]] = (),
) -> AsyncIterator[Stores]:
    """Open stores that hold the records, all of them in the graph."""
    stores = await Stores.open(addresses, CATALOG)
    await stores.prepare(CATALOG)
    projecting = asyncio.create_task(stores.projector.run())
    try:
        writer = BulkWriter(stores.postgres, CATALOG, actor="test", source="generated")
        for batch in batches:
            result = await writer.write(batch)
            assert not result.rejections, result.rejections
        await stores.projector.catch_up(writer.total.position)
        changes = Changes(stores.postgres, stores.graph, CATALOG, projector=stores.projector)
        for type_name, code in retired:
            entity, steward = CATALOG[type_name], Caller("steward", frozenset({"steward"}))
            await changes.retire(entity, code, expected_version=1, caller=steward, reason="closed")
        stores.services.placement = await Grids(stores.postgres).placement()
        yield stores
    finally:
        projecting.cancel()
        with suppress(asyncio.CancelledError):
            await projecting
        await stores.close()
