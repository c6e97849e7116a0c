"""`hub up`: start the engines and wait until each answers."""

import asyncio
import json
from typing import Annotated

import typer

from hub.commands.progress import lines
from hub.commands.status import as_json, show
from hub.engines import NAMES, status, up
from hub.settings import Settings

app = typer.Typer()
ALL = list(NAMES)


@app.command()
def start(
    engines: Annotated[list[str] | None, typer.Argument(help="neo4j, postgres, kafka")] = None,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Start the engines (all, or those named) and wait until each answers."""
    names = chosen(engines)
    settings = Settings()
    with lines(quiet=as_text) as report:
        started = asyncio.run(up(settings, names, report))
    states = asyncio.run(status(settings))
    if as_text:
        print(json.dumps({"started": started, "engines": [as_json(each) for each in states]}))
    else:
        show(states)


def chosen(engines: list[str] | None) -> list[str]:
    """The engines named on the command line, all if none; refuses a name there is not."""
    for name in engines or []:
        if name not in NAMES:
            raise typer.BadParameter(f"{name} is none of {', '.join(NAMES)}.")
    return engines or ALL
