"""`hub export`: write down what the hub is made of."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from hub.settings_page import settings_page
from schema.asyncapi import asyncapi_document
from schema.build import build, whole

app = typer.Typer()
Out = Annotated[Path | None, typer.Option(help="File to write; printed if not given.")]


@app.callback()
def export() -> None:
    """Write down what the hub is made of."""


@app.command()
def schema(
    subgraph: Annotated[
        str | None, typer.Option(help="A domain's subgraph in place of the whole schema.")
    ] = None,
    out: Out = None,
) -> None:
    """Print the schema in GraphQL's schema language (SDL)."""
    try:
        made = whole() if subgraph is None else build(subgraph)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error
    _put(made.as_str().rstrip() + "\n", out)


@app.command()
def settings(out: Out = None) -> None:
    """Print the table of settings in Markdown."""
    _put(settings_page(), out)


@app.command()
def asyncapi(out: Out = None) -> None:
    """Print the AsyncAPI document of the topics and webhooks, as JSON."""
    _put(asyncapi_text(), out)


def asyncapi_text() -> str:
    """The document as it stands in docs/asyncapi.json."""
    document = asyncapi_document(metadata.version("city-hub"))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _put(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
