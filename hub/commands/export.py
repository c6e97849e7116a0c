"""`hub export`: write down what the hub is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schema.build import build, whole

app = typer.Typer()


@app.callback()
def export() -> None:
    """Write down what the hub is made of."""


@app.command()
def schema(
    subgraph: Annotated[
        str | None, typer.Option(help="A domain's subgraph in place of the whole schema.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; printed if not given.")] = None,
) -> None:
    """Print the schema in GraphQL's schema language (SDL)."""
    try:
        made = whole() if subgraph is None else build(subgraph)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error
    sdl = made.as_str().rstrip() + "\n"
    if out is None:
        typer.echo(sdl, nl=False)
    else:
        out.write_text(sdl, encoding="utf-8")
