"""`hub graph`: check the graph against the change log, or build it anew from it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from hub.commands.counting import counting
from hub.engines import addresses
from hub.logs import set_up_logs
from hub.settings import Settings
from hub.stores import Stores
from resolvers.errors import StoreUnavailable
from resolvers.graph_check import CheckResult, check_graph
from resolvers.model import CATALOG
from resolvers.stores import change_log
from resolvers.stores.projection import Projection
from resolvers.stores.projector import put_back

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Tell machines, not people.")]

PATIENCE = 120.0
"""Seconds without any progress after which waiting for the graph ends."""


@app.callback()
def graph() -> None:
    """Check the graph against the change log, or build it anew from it."""


@app.command()
def check(as_text: AsJson = False) -> None:
    """Compare all nodes and edges with the log; exit code 1 if they differ, 2 if in motion."""
    settings = Settings()
    set_up_logs("warning")
    with counting("records compared", quiet=as_text) as advance:
        result = asyncio.run(_check(settings, lambda side, count: advance(count)))
    if as_text:
        print(json.dumps(result.as_dict(), ensure_ascii=False))
    else:
        show(result)
    if not result.equal:
        raise typer.Exit(2 if result.moved else 1)


@app.command()
def rebuild(as_text: AsJson = False) -> None:
    """Empty the graph, build it anew from the log, and check it."""
    settings = Settings()
    set_up_logs("warning")
    began = time.monotonic()
    with counting("change sets", quiet=as_text) as advance:
        position, result = asyncio.run(_rebuild(settings, advance))
    seconds = time.monotonic() - began
    if as_text:
        told = {"position": position, "seconds": round(seconds, 3), "check": result.as_dict()}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"The graph was built anew up to position {position} in {seconds:.1f} s.")
        show(result)
    if not result.equal:
        raise typer.Exit(2 if result.moved else 1)


async def _check(settings: Settings, progress: Callable[[str, int], None]) -> CheckResult:
    async with projecting(settings) as stores:
        return await check_graph(stores.postgres, stores.graph, CATALOG, progress=progress)


async def _rebuild(settings: Settings, advance: Callable[[int], None]) -> tuple[int, CheckResult]:
    async with projecting(settings, prepare=True) as stores:
        await put_back(stores.graph, await change_log.log_id(stores.postgres))
        position = await await_graph(stores, advance)
        return position, await check_graph(stores.postgres, stores.graph, CATALOG)


@contextlib.asynccontextmanager
async def projecting(settings: Settings, *, prepare: bool = False) -> AsyncIterator[Stores]:
    """Open stores, with a projector that works if no other process's does."""
    stores = await Stores.open(addresses(settings), CATALOG)
    try:
        if prepare:
            await stores.prepare(CATALOG)
        task = asyncio.create_task(stores.projector.run())
        try:
            yield stores
        finally:
            task.cancel()
            await asyncio.wait([task])
    finally:
        await stores.close()


async def await_graph(stores: Stores, advance: Callable[[int], None]) -> int:
    """Wait until the graph has all that is logged now; gives the position.

    `advance` is told of positions as they are reached. Raises StoreUnavailable if nothing moves
    for two minutes, with the projector's reason.
    """
    projection = Projection(stores.postgres, stores.graph)
    wanted = await change_log.head(stores.postgres)
    seen, since = -1, time.monotonic()
    while True:
        here = await projection.position()
        if here > seen:
            advance(here - max(seen, 0))
            seen, since = here, time.monotonic()
        if here >= wanted:
            return wanted
        if time.monotonic() - since > PATIENCE:
            trouble = stores.projector.trouble or "no projector makes progress"
            raise StoreUnavailable(f"the graph stays at position {here}: {trouble}", store="neo4j")
        await asyncio.sleep(0.05)


def show(result: CheckResult) -> None:
    """What a check found, for a person."""
    console = Console(highlight=False, soft_wrap=True)
    if result.moved:
        console.print("The log moved on while it was read; check again when less is written.")
        return
    log = result.log
    if result.equal:
        console.print(
            f"Equal at position {result.position}: {log.records:,} records and {log.edges:,} "
            f"edges, checksum {log.content}"
        )
        return
    console.print(f"The graph differs from the log at position {result.position}:")
    for group in result.differing:
        there = result.graph.of(group).count
        console.print(f"  {group}: {log.of(group).count:,} in the log, {there:,} in the graph")
    for each in result.differences:
        for what, codes in _named(each):
            console.print(f"  {each.type} {what}: {', '.join(codes)}")
    console.print("'hub graph rebuild' makes the graph anew.")


def _named(difference: Any) -> list[tuple[str, list[str]]]:
    found = [
        ("not in the graph", difference.missing),
        ("only in the graph", difference.extra),
        ("not equal", difference.unequal),
    ]
    return [(what, codes) for what, codes in found if codes]
