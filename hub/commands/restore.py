"""`hub restore`: put a backup in place, and build the graph from it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.backup_folder import BackupError
from hub.backups import restore
from hub.commands.counting import counting
from hub.commands.graph import await_graph, projecting, show
from hub.engines import addresses
from hub.logs import set_up_logs
from hub.settings import Settings
from hub.stores import Stores
from resolvers.graph_check import CheckResult, check_graph
from resolvers.model import CATALOG
from resolvers.stores import change_log
from resolvers.stores.projector import put_back

app = typer.Typer()


@app.command()
def read(
    source: Annotated[Path, typer.Argument(help="A folder or .tar that hub backup made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what the store and the keys hold now.")
    ] = False,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Restore a backup into an empty store, build the graph, and check it. Stop hub serve first.

    The whole backup is verified before anything is touched.
    """
    settings = Settings()
    set_up_logs("warning")
    began = time.monotonic()
    with counting("bytes and change sets", quiet=as_text) as advance:
        wanted, result = asyncio.run(_restore(settings, source, force, advance))
    seconds = time.monotonic() - began
    equal = result.equal and result.graph.content == wanted["content"]
    if as_text:
        told = {"equal": equal, "seconds": round(seconds, 3), "check": result.as_dict()}
        print(json.dumps(told, ensure_ascii=False))
    else:
        show(result)
        print(f"Restored in {seconds:.1f} s.")
    if not equal:
        raise BackupError(
            f"The restored graph has checksum {result.graph.content}, the backup "
            f"{wanted['content']}.",
            "Use another backup, and report this.",
        )


async def _restore(
    settings: Settings, source: Path, force: bool, advance: Callable[[int], None]
) -> tuple[dict[str, Any], CheckResult]:
    stores = await Stores.open(addresses(settings), CATALOG)
    try:
        manifest = await restore(
            stores,
            settings.data / "keys",
            source,
            force=force,
            progress=lambda name, done: advance(done),
        )
    finally:
        await stores.close()
    async with projecting(settings, prepare=True) as stores:
        await put_back(stores.graph, await change_log.log_id(stores.postgres))
        await await_graph(stores, advance)
        result = await check_graph(stores.postgres, stores.graph, CATALOG)
    return manifest.graph, result
