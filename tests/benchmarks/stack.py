"""Engines, data and a serving hub for benchmarks, in folders of their own, kept between runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from hub.engines import down, up
from hub.engines.ports import choose
from hub.federation.subgraph import own_names
from hub.settings import Settings
from tests.benchmarks.report import FOLDER
from tests.contract.federated import free_ports

HUB = Path(sys.executable).parent / "hub"
SEED = 1
DATE = "2026-01-01"


class Stack:
    """One scale's engines and data under `build/bench/`."""

    def __init__(self, scale: str, name: str | None = None) -> None:
        self.scale = scale
        self.data = FOLDER / f"data-{name or scale}"
        self.files = FOLDER / f"files-{scale}"
        self.settings = Settings(
            data=self.data,
            neo4j_port=0,
            postgres_port=0,
            kafka_port=0,
            kafka_controller_port=0,
            max_page=1000,
        )
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("HUB_")},
            "HUB_DATA": str(self.data),
            "HUB_NEO4J_PORT": "0",
            "HUB_POSTGRES_PORT": "0",
            "HUB_KAFKA_PORT": "0",
            "HUB_KAFKA_CONTROLLER_PORT": "0",
        }

    def hub(self, *arguments: str) -> str:
        """Run a `hub` command; gives its standard output."""
        run = subprocess.run(
            [str(HUB), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return run.stdout

    def generated(self) -> Path:
        """The generated files of this scale."""
        if not (self.files / "manifest.yaml").exists():
            self.hub(
                "generate", "--seed", str(SEED), "--scale", self.scale, "--date", DATE,
                "--out", str(self.files),
            )  # fmt: skip
        return self.files

    @asynccontextmanager
    async def engines(self) -> AsyncIterator[None]:
        """Engines up for the length of the block."""
        started = await up(self.settings)
        try:
            yield
        finally:
            await down(self.settings, started)

    def loaded(self) -> None:
        """Load the generated files, unless these stores have them."""
        mark = self.data / "loaded"
        if not mark.exists():
            self.hub("load", str(self.generated()), "--json")
            mark.touch()

    @contextmanager
    def serving(self) -> Iterator[tuple[str, str]]:
        """A serving hub: its address and a steward's token."""
        port = choose(set())
        token = self.hub("token", "--subject", "bench", "--role", "steward").strip()
        process = subprocess.Popen(
            [str(HUB), "serve", "--port", str(port)],
            env={**self.environment, "HUB_LOG_LEVEL": "warning"},
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/ready")
            yield url, token
        finally:
            process.terminate()
            process.wait(30)

    @contextmanager
    def federated(self) -> Iterator[tuple[str, int]]:
        """The federation as `make federated` runs it: the gateway's address, and the first
        subgraph's port."""
        first = free_ports(len(own_names()) + 1)
        port = first + len(own_names())
        process = subprocess.Popen(
            [str(HUB), "federated"],
            env={
                **self.environment,
                "HUB_LOG_LEVEL": "warning",
                "HUB_SUBGRAPH_PORT": str(first),
                "HUB_GATEWAY_PORT": str(port),
            },
            stdout=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/graphql?query=%7B__typename%7D")
            yield url, first
        finally:
            process.terminate()
            process.wait(60)


def wait_for(url: str, seconds: float = 60) -> None:
    """Wait until an address answers 200. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(url)


def settle(seconds: float = 1.0) -> asyncio.Future[None]:
    """A pause between rounds, so that one does not pay for another."""
    return asyncio.ensure_future(asyncio.sleep(seconds))
