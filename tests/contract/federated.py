"""A live federation: every subgraph at a port of its own, and the real gateway in front."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import hub
from hub.app import schema_of
from hub.context import Hub
from hub.federation.subgraph import own_names
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from tests.contract.service import Service, listening_at, serving

GATEWAY = Path(hub.__file__).parent / "gateway"
HIVE = GATEWAY / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"


@dataclass(frozen=True)
class Federation:
    """The gateway's address, and the hubs of the subgraphs by name."""

    url: str
    subgraphs: dict[str, Service]
    log: Path

    @property
    def service(self) -> Service:
        """The gateway as a service; its hub is the directory's."""
        directory = self.subgraphs["directory"]
        return Service(self.url, directory.hub, health=directory.url)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, below those that connections going out take."""
    for _ in range(100):
        port = random.randrange(20_000, 32_000 - count)
        with ExitStack() as held, suppress(OSError):
            for at in range(port, port + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", at))
            return port
    raise AssertionError("no ports are free")


@contextmanager
def federated(data: Path, at: StoreAddresses, **settings: Any) -> Iterator[Federation]:
    """All subgraphs over these stores, and the gateway, for the length of the block."""
    if shutil.which("node") is None or not HIVE.exists():
        pytest.skip("Node or the gateway's packages are missing: run bin/setup")
    names = own_names()
    first = free_ports(len(names) + 1)
    values: dict[str, Any] = {"reference_executor": True, "districts": ""} | settings
    with ExitStack() as running:
        subgraphs = {}
        for index, name in enumerate(names):
            of = Settings(data=data, subgraph=name, subgraph_port=first, **values)
            made = Hub(of, schema_of(of), at=at)
            listener = listening_at(first + index)
            subgraphs[name] = running.enter_context(serving(made, listener))
        port = first + len(names)
        log = data / "gateway.log"
        secret = subgraphs["directory"].hub.gateway_key
        running.enter_context(gateway(port, subgraphs["directory"].url, secret, log))
        yield Federation(f"http://127.0.0.1:{port}", subgraphs, log)


@contextmanager
def gateway(port: int, directory: str, secret: str, log: Path) -> Iterator[None]:
    """The gateway as `make federated` runs it, on this port, until the block ends."""
    node = shutil.which("node")
    assert node is not None
    env = {
        **os.environ,
        "HUB_GATEWAY_PORT": str(port),
        "HUB_GATEWAY_DIRECTORY": directory,
        "HUB_GATEWAY_KEY": secret,
        "NODE_ENV": "production",
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [node, str(HIVE), "supergraph", "--config-path", "gateway.config.mjs"],
            cwd=GATEWAY,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _answering(process, port, log)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answering(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8")
        with suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{port}/graphql"
            answer = httpx.post(url, json={"query": "{ __typename }"}, timeout=10)
            if answer.status_code == 200 and answer.json().get("data"):
                return
        time.sleep(0.1)
    raise AssertionError(f"the gateway does not answer: {log.read_text('utf-8')}")
