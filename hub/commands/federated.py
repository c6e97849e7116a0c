"""`hub federated`: the demo as a federation, each subgraph in a process, the gateway in front."""

from __future__ import annotations

import asyncio
import contextlib

import typer

from hub.commands.demo import greet, load, stop, stopped_by_signal
from hub.commands.progress import lines
from hub.engines import up
from hub.errors import HubError
from hub.federation.processes import gateway_program, kept_running, subgraph_programs
from hub.federation.subgraph import own_names
from hub.ingest.flowing import events_flowing
from hub.keys import Keys
from hub.logs import set_up_logs
from hub.server import bound
from hub.settings import Settings

app = typer.Typer()


@app.command()
def federated() -> None:
    """Start the engines, load the sample district, serve its subgraphs and the gateway."""
    set_up_logs("warning")
    asyncio.run(run(Settings()))


async def run(settings: Settings) -> None:
    """Up, load, serve, until a signal comes; then down, whatever had been reached."""
    given = settings.gateway_key
    secret = given.get_secret_value() if given else Keys(settings.data / "keys").gateway
    programs = (*subgraph_programs(settings), gateway_program(settings, secret))
    check_ports(settings, len(programs) - 1)
    with contextlib.suppress(asyncio.CancelledError):
        async with stopped_by_signal():
            started: list[str] = []
            try:
                with lines() as report:
                    started = await up(settings, report=report)
                await load(settings)
                typer.echo(f"Starting {len(programs) - 1} subgraphs and the gateway")
                async with kept_running(programs), events_flowing(settings):
                    await greet(settings, url_of(settings), told(settings))
                    await asyncio.Event().wait()
            finally:
                await asyncio.shield(stop(settings, started))


def told(settings: Settings) -> str:
    """What the greeting says of a federation."""
    first = settings.subgraph_port
    return (
        f"It is a gateway; its subgraphs are at ports {first} to {first + len(own_names()) - 1}, "
        f"and all log to {settings.data / 'logs'}.\n"
        "A department's subgraph joins by `hub federation` (docs/joining.md).\n"
    )


def url_of(settings: Settings) -> str:
    """The gateway's address."""
    return f"http://127.0.0.1:{settings.gateway_port}"


def check_ports(settings: Settings, subgraphs: int) -> None:
    """Raises HubError where a port is taken."""
    ports = [settings.gateway_port, *(settings.subgraph_port + i for i in range(subgraphs))]
    if len(set(ports)) != len(ports):
        raise HubError("The gateway's port is one of the subgraphs'.", "Set HUB_GATEWAY_PORT.")
    for port in ports:
        bound(settings.host, port).close()
