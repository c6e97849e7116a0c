"""Listening: uvicorn around the application, in one process or several."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from functools import partial
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from hub.engines.ports import listener
from hub.errors import HubError
from hub.protocols.http import HubHttp
from hub.protocols.socket import HubSocket
from hub.settings import Settings

APP = "hub.app:create"


def bound(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises HubError where it is taken, or not this machine's."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bare = socket.socket(family, kind, protocol)
    except OSError as error:
        raise HubError(f"The address {host} is not known: {error}.", "Set HUB_HOST.") from error
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bare.bind(address)
        bare.listen(2048)
    except OSError as error:
        bare.close()
        raise _refused(host, port, error) from error
    bare.set_inheritable(True)
    return bare


def _refused(host: str, port: int, error: OSError) -> HubError:
    if error.errno == errno.EADDRINUSE:
        return HubError(
            f"Port {port} of {host} is taken by {listener(port)}.",
            "Stop it, or choose another port: --port, HUB_PORT.",
        )
    if error.errno == errno.EACCES:
        return HubError(f"Port {port} needs more rights.", "Choose one above 1023: --port.")
    return HubError(f"{host}:{port} cannot be listened on: {error}.", "Set HUB_HOST, HUB_PORT.")


def url_of(listening: socket.socket) -> str:
    """The address at which a browser of this machine finds the service."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def config_of(settings: Settings, workers: int = 1) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        APP,
        factory=True,
        workers=workers,
        loop="uvloop",
        **protocols_of(settings),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def protocols_of(settings: Settings) -> dict[str, Any]:
    """What of uvicorn's configuration concerns connections: who speaks, and their bounds."""
    return {
        "http": HubHttp,
        "ws": partial(HubSocket, most=settings.stream_init_bytes),
        "ws_max_size": max(settings.stream_init_bytes, settings.stream_message_bytes),
        "ws_per_message_deflate": False,
        "ws_ping_interval": None,
        "limit_concurrency": settings.max_connections,
    }


def serve(settings: Settings, listening: socket.socket, workers: int = 1) -> None:
    """Serve until a signal comes; requests under way are answered first.

    Raises HubError if the application does not start.
    """
    config = config_of(settings, workers)
    if workers == 1:
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise HubError("The service did not start.", "Its log says why.")
        return
    figures = tempfile.mkdtemp(prefix="hub-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
    try:
        Multiprocess(config, [listening]).run()
    finally:
        shutil.rmtree(figures, ignore_errors=True)


class Cancellable(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, Any, None]:
        yield


async def serve_until_cancelled(settings: Settings, listening: socket.socket) -> None:
    """Serve on the running loop; when cancelled, answer what is under way, then end."""
    server = Cancellable(config_of(settings))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    if not server.started:
        raise HubError("The service did not start.", "Its log says why.")
