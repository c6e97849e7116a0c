"""A department's own process: the street lighting office's subgraph, in JavaScript."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.federated import free_ports
from tests.small_district import GRIDS, grid_code

PARTNER = Path(__file__).parent / "partner"
SDL = PARTNER / "street-lighting.graphql"
NAME = "street-lighting"


@dataclass
class Department:
    """One subgraph at a port that stays its own however often it is started."""

    folder: Path
    jwks: str
    name: str = NAME
    sdl: Path = SDL
    port: int = field(default_factory=lambda: free_ports(1))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def headers(self) -> list[dict[str, str]]:
        """Headers, or connection parameters, of each request so far."""
        noted = self.folder / "headers.jsonl"
        return [json.loads(line) for line in noted.read_text("utf-8").splitlines()]

    def write(self, old: str = "", new: str = "") -> Path:
        """The SDL with one change, in a file that the process serves at its next start."""
        text = SDL.read_text("utf-8")
        assert text.count(old) == 1 or not old, old
        self.sdl = self.folder / f"{self.name}.graphql"
        self.sdl.write_text(text.replace(old, new) if old else text, "utf-8")
        return self.sdl

    def start(self, *flags: str) -> None:
        """Start the process, or start it anew, and wait until it answers."""
        self.kill()
        node = shutil.which("node")
        if node is None or not (PARTNER / "node_modules" / ".npm-stamp").exists():
            pytest.skip("Node or the partner's packages are missing: run bin/setup")
        given = {
            "port": self.port,
            "name": self.name,
            "jwks": self.jwks,
            "schema": self.sdl,
            "faults": self.folder / "faults.jsonl",
            "grids": ",".join(grid_code(i) for i in range(GRIDS)),
            "buildings": "B0,B1,B2",
            "note-headers": self.folder / "headers.jsonl",
        }
        options = [f"--{name}={value}" for name, value in given.items()]
        with (self.folder / "office.log").open("ab") as log:
            self.process = subprocess.Popen(
                [node, str(PARTNER / "main.mjs"), *options, *flags],
                env={**os.environ, "NODE_ENV": "production"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "office.log").read_text("utf-8")
            with suppress(httpx.TransportError):
                if self.ask("{ _service { sdl } }")["data"]["_service"]:
                    return
            time.sleep(0.05)
        raise AssertionError("the department's subgraph does not answer")

    def ask(self, query: str, **headers: str) -> dict[str, Any]:
        """Ask the department directly, past the gateway."""
        answer = httpx.post(self.url, json={"query": query}, headers=headers, timeout=10)
        body: dict[str, Any] = answer.json()
        return body

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
