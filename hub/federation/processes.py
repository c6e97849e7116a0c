"""The processes of a federation on one machine: one for each subgraph, and the gateway."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import typer

from hub.errors import HubError
from hub.federation.subgraph import own_names
from hub.settings import PROJECT, Settings

GATEWAY = PROJECT / "hub" / "gateway"
HIVE = GATEWAY / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"
PAUSE = 2.0
"""Seconds before a process that ended is started again."""
STOPPING = 15.0
"""Seconds a process has to end before it is killed."""


@dataclass(frozen=True)
class Program:
    """A process to keep running: what it is called, how it is started, where it logs."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


def subgraph_programs(settings: Settings) -> tuple[Program, ...]:
    """`hub serve --subgraph NAME` for each domain."""
    start = "from hub.commands import main; main()"
    return tuple(
        Program(
            f"subgraph {name}",
            (sys.executable, "-c", start, "serve", "--subgraph", name),
            settings.data / "logs" / f"subgraph-{name}.log",
        )
        for name in own_names()
    )


def gateway_program(settings: Settings, secret: str) -> Program:
    """Hive Gateway with the hub's configuration. Raises HubError where Node or it is missing."""
    node = shutil.which("node")
    if node is None or not HIVE.exists():
        raise HubError("Node or the gateway's packages are missing.", "Run bin/setup.")
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return Program(
        "gateway",
        (node, str(HIVE), "supergraph", "--config-path", "gateway.config.mjs"),
        settings.data / "logs" / "gateway.log",
        {
            "HUB_GATEWAY_HOST": settings.host,
            "HUB_GATEWAY_PORT": str(settings.gateway_port),
            "HUB_GATEWAY_DIRECTORY": f"http://{host}:{settings.subgraph_port}",
            "HUB_GATEWAY_KEY": secret,
            "HUB_GATEWAY_KEPT": str(settings.data / "supergraph.json"),
            "NODE_ENV": "production",
        },
        GATEWAY,
    )


@asynccontextmanager
async def kept_running(programs: Sequence[Program]) -> AsyncIterator[None]:
    """Keep the processes running for the length of the block; one that ends is started again."""
    async with AsyncExitStack() as stack:
        for program in programs:
            keeper = asyncio.create_task(_keep(program), name=program.name)
            stack.push_async_callback(_end, keeper)
        yield


async def _end(keeper: asyncio.Task[None]) -> None:
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper


async def _keep(program: Program) -> None:
    program.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        with program.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                cwd=program.cwd,
                env={**os.environ, **program.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        typer.echo(f"The {program.name} ended ({code}); its log: {program.log}", err=True)
        await asyncio.sleep(PAUSE)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPPING)
    except TimeoutError:
        process.kill()
        await process.wait()
