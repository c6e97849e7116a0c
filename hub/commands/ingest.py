"""`hub ingest`: make events of detections, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Annotated

import typer
import uvloop
from prometheus_client import start_http_server

from hub.engines import addresses
from hub.heap import settle
from hub.ingest.figures import registry_of
from hub.ingest.quiet import quieten
from hub.ingest.service import Ingest
from hub.logs import set_up_logs
from hub.settings import Settings

app = typer.Typer()


@app.command()
def ingest(
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Serve figures at this port.")
    ] = None,
) -> None:
    """Read detections and reviews, write events; start another to share the work. SIGTERM stops."""
    settings = Settings()
    set_up_logs(settings.log_level)
    quieten()
    settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(settings, metrics_port))))


async def run(settings: Settings, metrics_port: int | None = None) -> dict[str, int]:
    """Ingest until SIGINT or SIGTERM; gives what was done."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    service = Ingest(settings, addresses(settings))
    if metrics_port is not None:
        start_http_server(metrics_port, settings.host, registry_of(service.counts))
    await service.run(stop)
    return service.counts.as_dict()
