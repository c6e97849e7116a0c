"""Ports of the started engines: set, or chosen once and remembered in the data folder."""

import json
import random
import socket
from pathlib import Path

import psutil

from hub.engines.errors import PortTaken
from hub.engines.files import alone, write_private
from hub.engines.folder import DataFolder

# Below the range that the system hands to outgoing connections, so that a chosen port stays free.
CHOICE = range(20_000, 32_000)


def port_of(folder: DataFolder, name: str, setting: int) -> int:
    """The port for this name: the setting's, or for 0 the remembered one, chosen on first use."""
    if setting:
        return setting
    known = _noted(folder).get(name)
    return choose_again(folder, name, None) if known is None else known


def choose_again(folder: DataFolder, name: str, former: int | None) -> int:
    """The port for this name in place of the former one; only the first of several chooses."""
    with alone(folder.sub("run") / "ports.lock"):
        noted = _noted(folder)
        if noted.get(name) == former:
            noted[name] = choose(set(noted.values()))
            write_private(_path(folder), json.dumps(noted, indent=1))
    return noted[name]


def choose(without: set[int]) -> int:
    """A port of loopback that nothing listens on."""
    for port in random.sample(CHOICE, 200):
        if port not in without and is_free(port):
            return port
    raise PortTaken(
        f"No free port was found between {CHOICE.start} and {CHOICE.stop}.",
        "Set the engines' ports (HUB_NEO4J_PORT and the like).",
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listener(port: int) -> str:
    """Who listens on a port, for a message: `process 123 (python -m http.server)`."""
    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port:
                if connection.pid is None:
                    break
                line = " ".join(psutil.Process(connection.pid).cmdline())
                return f"process {connection.pid} ({line[:100]})"
    except (psutil.Error, OSError):
        pass
    return "another process"


def _path(folder: DataFolder) -> Path:
    return folder.sub("run") / "ports.json"


def _noted(folder: DataFolder) -> dict[str, int]:
    try:
        noted = json.loads(_path(folder).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): int(port) for name, port in noted.items()}
