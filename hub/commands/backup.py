"""`hub backup`: write down everything that cannot be made anew."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated

import typer

from hub.backups import backup
from hub.commands.counting import counting
from hub.engines import addresses
from hub.logs import set_up_logs
from hub.settings import Settings
from resolvers.model import CATALOG

app = typer.Typer()


@app.command()
def write(
    target: Annotated[Path, typer.Argument(help="A new folder, or a new file NAME.tar.")],
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Back up the change log, all other tables and the keys, as of one moment.

    The hub goes on working meanwhile. Keep the backup safe: it holds the keys.
    """
    settings = Settings()
    set_up_logs("warning")
    began = time.monotonic()
    with counting("bytes and records", quiet=as_text) as advance:
        manifest = asyncio.run(
            backup(
                addresses(settings).postgres_owner_dsn,
                CATALOG,
                settings.data / "keys",
                target.absolute(),
                lambda name, done: advance(done),
            )
        )
    seconds = time.monotonic() - began
    rows = sum(table["rows"] for table in manifest.tables)
    if as_text:
        told = {
            "path": str(target),
            "position": manifest.position,
            "rows": rows,
            "checksum": manifest.graph["content"],
            "seconds": round(seconds, 3),
        }
        print(json.dumps(told))
    else:
        print(
            f"{rows:,} rows of {len(manifest.tables)} tables up to position {manifest.position}, "
            f"and the keys, in {target} after {seconds:.1f} s."
        )
