"""`hub status`: how each engine is."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from hub.engines import EngineState, status
from hub.settings import Settings

app = typer.Typer()
COLOURS = {"running": "green", "external": "green", "stopped": "yellow", "unreachable": "red"}


@app.command()
def tell(
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """State, version, address, size on disk and log file of each engine.

    Ends with 0 if all answer, else with 3.
    """
    settings = Settings()
    states = asyncio.run(status(settings))
    if as_text:
        print(json.dumps({"data": str(settings.data), "engines": [as_json(s) for s in states]}))
    else:
        show(states)
    if any(each.state not in ("running", "external") for each in states):
        raise typer.Exit(3)


def as_json(state: EngineState) -> dict[str, Any]:
    """One engine's state for machines."""
    return {
        "name": state.name,
        "state": state.state,
        "version": state.version,
        "address": state.address,
        "pid": state.pid,
        "sizeBytes": state.size_bytes,
        "log": str(state.log) if state.log else None,
        "error": state.error,
    }


def show(states: list[EngineState]) -> None:
    """The states as a table."""
    table = Table(box=None, pad_edge=False)
    for title in ("engine", "state", "version", "address", "size", "log"):
        table.add_column(title, no_wrap=title != "log", overflow="fold")
    for each in states:
        table.add_row(
            each.title,
            f"[{COLOURS[each.state]}]{each.state}[/]",
            each.version or "",
            each.address,
            decimal(each.size_bytes) if each.size_bytes is not None else "",
            str(each.log or ""),
        )
    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(table, highlight=False)
    for each in states:
        if each.error:
            console.print(f"{each.title}: {each.error}", highlight=False)
