"""kill -9 of everything that takes part in a load: afterwards the graph is as if undisturbed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict

import pytest

from hub.engines import addresses, up
from hub.engines.ports import is_free
from hub.engines.process import ProcessNote
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from tests.engines_for_tests import note_of
from tests.integration.writes.conftest import Site
from tests.small_district import batches

pytestmark = pytest.mark.soak

SIZE, EACH = (20_000, 2_000) if os.environ.get("HUB_TEST_SCALE") == "full" else (300, 100)
ADDRESS = {"neo4j": "neo4j_url", "postgres": "postgres_service_dsn"}
CONTENT: dict[str, str] = {}


@asynccontextmanager
async def worker(what: str, addresses: StoreAddresses) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that loads (with or without projecting) or projects; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.writes.worker",
        what,
        str(SIZE),
        str(EACH),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(addresses)).encode())
    process.stdin.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: asyncio.subprocess.Process, start: str) -> str:
    """The next line that begins so. Fails if the process ends before."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if line.startswith(start):
                return line.strip()
    raise AssertionError(f"the worker ended with {await process.wait()} before {start!r}")


async def finish(site: Site, name: str) -> None:
    """Load all of it again, and compare with an undisturbed load."""
    async with worker("load", site.addresses) as process:
        told = await line_of(process, "done")
        assert await process.wait() == 0
    found = await site.check()
    rows = sum(len(batch) for batch in batches(SIZE, EACH))
    assert found.log.records == rows
    print(f"{name}: {rows} records, {found.log.edges} edges, {told} by the last run")
    assert CONTENT.setdefault("content", found.graph.content) == found.graph.content


async def test_undisturbed(quiet_site: Site) -> None:
    """What the others are compared with."""
    await finish(quiet_site, "undisturbed")


@pytest.mark.parametrize("after", [2, 9])
async def test_loader_killed(quiet_site: Site, after: int) -> None:
    async with worker("load", quiet_site.addresses) as process:
        await line_of(process, f"batch {after}")
        process.kill()
    await finish(quiet_site, f"loader killed after batch {after}")


async def test_projector_killed(quiet_site: Site) -> None:
    """The projector is a process of its own here, killed twice while another one loads."""
    async with worker("load-only", quiet_site.addresses) as loader:
        for batch in (3, 8):
            async with worker("project", quiet_site.addresses) as projector:
                await line_of(projector, "projecting")
                await line_of(loader, f"batch {batch}")
                await moved(quiet_site)
                projector.kill()
        await line_of(loader, "done")
    await finish(quiet_site, "projector killed")


async def moved(site: Site) -> None:
    """Wait until the graph has some of this log."""
    log_id = await site.postgres.fetchval("select log_id::text from change_head")
    text = "MATCH (p:Projection {log_id: $log_id}) WHERE p.position > 0 RETURN p.position"
    async with asyncio.timeout(60):
        found: list[list[object]] = []
        while not found:
            found = await site.graph.run(text, log_id=log_id)
            await asyncio.sleep(0.02)


async def test_neo4j_killed(quiet_site: Site, engines: Settings) -> None:
    await engine_killed(quiet_site, lambda: kill(engines, "neo4j"))
    await finish(quiet_site, "Neo4j killed")


async def test_postgres_killed(quiet_site: Site, engines: Settings) -> None:
    await engine_killed(quiet_site, lambda: kill(engines, "postgres"))
    await finish(quiet_site, "PostgreSQL killed")


async def kill(engines: Settings, name: str) -> None:
    """kill -9 an engine, and start it again."""
    pid = note_of(engines.data, name)["pid"]
    assert isinstance(pid, int)
    port = int(getattr(addresses(engines), ADDRESS[name]).rpartition(":")[2].partition("/")[0])
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        ended = False
        while not ended:  # its threads take a moment to end and let go of the port
            await asyncio.sleep(0.02)
            ended = ProcessNote.of(pid) is None and is_free(port)
    assert await up(engines, [name]) == [name]


async def engine_killed(site: Site, killing: Callable[[], Awaitable[None]]) -> None:
    """The loader waits for the engine to come back, and ends well."""
    async with worker("load", site.addresses) as process:
        await line_of(process, "batch 4")
        await moved(site)
        await killing()
        await line_of(process, "done")
        assert await process.wait() == 0
    await site.check()
