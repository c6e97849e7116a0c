"""`hub down`: stop the engines."""

import asyncio
import json
from typing import Annotated

import typer

from hub.commands.progress import lines
from hub.commands.up import chosen
from hub.engines import down
from hub.settings import Settings

app = typer.Typer()


@app.command()
def stop(
    engines: Annotated[list[str] | None, typer.Argument(help="neo4j, postgres, kafka")] = None,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Stop the engines (all, or those named). Nothing is lost."""
    names = chosen(engines)
    with lines(quiet=as_text) as report:
        stopped = asyncio.run(down(Settings(), names, report))
    if as_text:
        print(json.dumps({"stopped": stopped}))
    elif not stopped:
        print("No engine was running.")
