"""A live hub over real stores, with the small district loaded through the change log."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from hub.app import whole_schema
from hub.context import Hub
from hub.settings import Settings
from resolvers.bulk import BulkWriter
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.postgres import Postgres
from tests.contract.service import Service
from tests.small_district import batches

SIZE = 60


def live_hub(data: Path, at: StoreAddresses, **settings: Any) -> Hub:
    """A hub with the whole schema over the stores at these addresses."""
    values: dict[str, Any] = {"reference_executor": True, "districts": ""} | settings
    return Hub(Settings(data=data, **values), whole_schema(), at=at)


async def load_small_district(service: Service) -> None:
    """Write the small district and wait until the graph has it."""
    await when(service, lambda report: report["projector"]["lag"] == 0)
    postgres = await Postgres.open(service.hub.at.postgres_service_dsn)
    try:
        writer = BulkWriter(postgres, service.hub.catalog, actor="test", source="generated")
        for batch in batches(SIZE):
            result = await writer.write(batch)
            assert not result.rejections, result.rejections
    finally:
        await postgres.close()
    await when(service, lambda r: r["projector"]["log"] > 0 and r["projector"]["lag"] == 0)


async def when(service: Service, holds: Any, seconds: float = 60) -> dict[str, Any]:
    """Ask /ready until its report satisfies `holds`; gives that report."""
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(base_url=service.health or service.url) as client,
    ):
        while True:
            report: dict[str, Any] = (await client.get("/ready")).json()
            if report["projector"]["lag"] is not None and holds(report):
                return report
            await asyncio.sleep(0.1)
