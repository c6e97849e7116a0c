"""Brings the records of the differential test into real stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

from hub.stores import Stores
from resolvers.bulk import BulkWriter
from resolvers.document import RESTORED, RETIRED, Change, encode
from resolvers.execute import Services
from resolvers.grids import Grids
from resolvers.model import CATALOG
from resolvers.stores import change_log
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.change_log import SetInfo
from tests.contract.differential.event_docs import events
from tests.contract.differential.records import CODES, Maker
from tests.event_rows import store_versions

RETIRABLE = ("Building", "Firm", "Venue", "Licence", "Camera", "Department")


@asynccontextmanager
async def loaded(addresses: StoreAddresses, seed: int) -> AsyncIterator[Services]:
    """Stores that hold the records, their changes all projected."""
    stores = await Stores.open(addresses, CATALOG)
    await stores.prepare(CATALOG)
    projecting = asyncio.create_task(stores.projector.run())
    try:
        position = await _write(stores, seed)
        await stores.projector.catch_up(position)
        await stores.graph.run("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
        placement = await Grids(stores.postgres).placement()
        await store_versions(stores.postgres, await events(stores.graph, Random(seed)))
        yield Services(stores.graph, stores.postgres, placement, zone="Asia/Shanghai")
    finally:
        projecting.cancel()
        with suppress(asyncio.CancelledError):
            await projecting
        await stores.close()


async def _write(stores: Stores, seed: int) -> int:
    """Write everything, change some of it, retire some and take some back into use."""
    maker = Maker(seed)
    rows = list(maker.rows())
    writer = BulkWriter(stores.postgres, CATALOG, actor="loader", source="a source", codes=CODES)
    for wanted in ("Province", "City", "District", "Subdistrict", "Community", "Grid", ""):
        batch = [row for row in rows if row.entity.name == wanted or (not wanted)]
        if wanted:
            rows = [row for row in rows if row.entity.name != wanted]
        result = await writer.write(batch)
        assert not result.rejections, result.rejections[:3]
    random = Random(seed)
    again = BulkWriter(
        stores.postgres, CATALOG, actor="steward", source="survey", reason="補正", codes=CODES
    )
    for _ in range(2):
        changed = [
            maker.row(row.entity.name, row.code, {}, location=row.fields.get("location"))
            for row in random.sample(rows, len(rows) // 10)
        ]
        result = await again.write(changed)
        assert not result.rejections, result.rejections[:3]
    chosen = [
        (row.entity.name, row.code)
        for row in rows
        if row.entity.name in RETIRABLE and random.random() < 0.1
    ]
    await _mark(stores, chosen, RETIRED)
    return await _mark(stores, chosen[::5], RESTORED)


async def _mark(stores: Stores, keys: list[tuple[str, str]], operation: str) -> int:
    """A new version of each record, with the same values: retired, or restored."""
    async with stores.postgres.acquire() as connection, connection.transaction():
        held = await change_log.lock(connection, change_log.LOCK_RETIRED, keys)
        versions = {key: held[key].version for key in keys}
        documents = await change_log.documents(connection, versions)
        changes = [Change(*key, versions[key] + 1, operation, *documents[key]) for key in keys]
        encoded = [encode(*documents[key]) for key in keys]
        info = SetInfo(actor="steward", source="steward", reason="closed")
        position, _ = await change_log.append(connection, info, changes, encoded)
    return position
