"""`hub serve`: answer GraphQL requests."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hub.server import bound, serve, url_of
from hub.settings import Settings

app = typer.Typer()


@app.command()
def listen(
    host: Annotated[str | None, typer.Option(help="Address, for HUB_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, for HUB_PORT; 0: a free one.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Serve the API, its page, health and metrics; Ctrl-C stops when all is answered."""
    settings = Settings()
    given = port if port is not None else settings.port
    listening = bound(host or settings.host, given)
    os.environ["HUB_PORT"] = str(listening.getsockname()[1])
    typer.echo(f"City Hub listens at {url_of(listening)} (Ctrl-C stops it)", err=True)
    serve(settings, listening, workers)
