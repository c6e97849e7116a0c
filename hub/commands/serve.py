"""`hub serve`: answer GraphQL requests."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hub.app import schema_of
from hub.federation.subgraph import own_names
from hub.server import bound, serve, url_of
from hub.settings import Settings

app = typer.Typer()


@app.command()
def listen(
    host: Annotated[str | None, typer.Option(help="Address, for HUB_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, for HUB_PORT; 0: a free one.")
    ] = None,
    subgraph: Annotated[
        str | None, typer.Option(help="Serve this domain's subgraph alone, for HUB_SUBGRAPH.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Serve the API, its page, health and metrics; Ctrl-C stops when all is answered."""
    if subgraph is not None:
        os.environ["HUB_SUBGRAPH"] = subgraph
    settings = Settings()
    schema_of(settings)
    given = port if port is not None else port_of(settings)
    listening = bound(host or settings.host, given)
    os.environ["HUB_PORT"] = str(listening.getsockname()[1])
    what = f"City Hub's subgraph {settings.subgraph}" if settings.subgraph else "City Hub"
    typer.echo(f"{what} listens at {url_of(listening)} (Ctrl-C stops it)", err=True)
    serve(settings, listening, workers)


def port_of(settings: Settings) -> int:
    """The port to listen on: a subgraph's follows from its place among the domains."""
    if settings.subgraph is None:
        return settings.port
    return settings.subgraph_port + own_names().index(settings.subgraph)
