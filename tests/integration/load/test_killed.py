"""kill -9 of `hub load` itself, on generated files: run again, it ends as if undisturbed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from hub.generate.scale import SCALES
from hub.stores import Stores
from resolvers.graph_check import check_graph
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses
from tests.integration.load.conftest import contents
from tests.stores_for_tests import create_database, drop_database

HUB = Path(sys.executable).parent / "hub"
TOTAL = SCALES["tiny"].total


async def test_killed_anywhere_it_goes_on(
    fresh_stores: StoreAddresses, tiny: Path, tmp_path: Path
) -> None:
    undisturbed = await loaded(fresh_stores, tiny, tmp_path, kills=())
    name = "t_load_killed"
    await create_database(fresh_stores, name)
    other = in_database(fresh_stores, name)
    try:
        killed = await loaded(other, tiny, tmp_path, kills=(1, 900, 2_000))
    finally:
        await drop_database(fresh_stores, name)
    assert killed == undisturbed


async def loaded(at: StoreAddresses, files: Path, folder: Path, kills: tuple[int, ...]) -> object:
    """What the stores hold after `hub load`, killed each time so many records are in the log."""
    stores = await Stores.open(at, CATALOG)
    try:
        await stores.prepare(CATALOG)
        for count in kills:
            process = await start(at, files, folder)
            while (held := await logged(stores)) < count and process.returncode is None:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            if process.returncode is None:
                os.kill(process.pid, signal.SIGKILL)
            await process.communicate()
            print(f"killed after {held} records, exit {process.returncode}")
        process = await start(at, files, folder)
        out, _ = await process.communicate()
        assert process.returncode == 0
        summary = json.loads(out)
        assert summary["rejected"] == 0
        assert summary["graph"] == "CURRENT"
        assert await logged(stores) == TOTAL
        result = await check_graph(stores.postgres, stores.graph, CATALOG)
        assert result.equal
        return await contents(stores)
    finally:
        await stores.close()


async def logged(stores: Stores) -> int:
    count: int = await stores.postgres.fetchval("select count(*) from entities")
    return count


async def start(at: StoreAddresses, files: Path, folder: Path) -> asyncio.subprocess.Process:
    environment = {name: v for name, v in os.environ.items() if not name.startswith("HUB_")}
    return await asyncio.create_subprocess_exec(
        str(HUB),
        "load",
        str(files),
        "--json",
        env=environment
        | {
            "HUB_DATA": str(folder / "data"),
            "HUB_NEO4J_URL": at.neo4j_url,
            "HUB_NEO4J_USER": at.neo4j_user,
            "HUB_NEO4J_PASSWORD": at.neo4j_password,
            "HUB_POSTGRES_URL": at.postgres_service_dsn,
            "HUB_POSTGRES_OWNER_URL": at.postgres_owner_dsn,
            "HUB_POSTGRES_AUDITOR_URL": at.postgres_auditor_dsn,
            "HUB_KAFKA_SERVERS": at.kafka_servers,
        },
        stdout=asyncio.subprocess.PIPE,
    )


def in_database(at: StoreAddresses, name: str) -> StoreAddresses:
    """The same stores, but another PostgreSQL database."""

    def there(dsn: str) -> str:
        return f"{dsn.rpartition('/')[0]}/{name}"

    return replace(
        at,
        postgres_service_dsn=there(at.postgres_service_dsn),
        postgres_owner_dsn=there(at.postgres_owner_dsn),
        postgres_auditor_dsn=there(at.postgres_auditor_dsn),
    )
