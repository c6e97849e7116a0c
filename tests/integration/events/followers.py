"""The clients of docs/examples as processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = PROJECT / "docs" / "examples"
CLIENTS = PROJECT / "tests" / "clients"
GQL = CLIENTS / "gql" / ".venv" / "bin" / "python"
COMMANDS = {
    "follow.py": [str(GQL)],
    "follow-ws.mjs": ["node"],
    "follow-sse.mjs": ["node"],
    "follow.sh": ["bash"],
}


def missing() -> str | None:
    """What the clients need and this machine lacks."""
    for program in ("node", "curl"):
        if shutil.which(program) is None:
            return f"no {program}"
    for installed in (GQL, CLIENTS / "node_modules" / "graphql-ws"):
        if not installed.exists():
            return "the clients' packages are not installed: run bin/setup"
    return None


@dataclass
class Follower:
    """A running client, in a folder of its own."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def cursor(self) -> Path:
        return self.folder / "cursor.txt"

    def lines(self) -> list[dict[str, Any]]:
        """What it has printed."""
        whole = (self.folder / "out").read_bytes().rpartition(b"\n")[0]
        return [orjson.loads(line) for line in whole.splitlines()]

    def snapshots(self) -> list[list[dict[str, Any]]]:
        return [line["snapshot"] for line in self.lines() if "snapshot" in line]

    def deliveries(self) -> list[tuple[str, int, bool]]:
        """Each delivery as (event's id, version, left)."""
        told = [line for line in self.lines() if "event" in line]
        return [(each["event"]["id"], each["event"]["version"], each["left"]) for each in told]

    def said(self) -> str:
        """What it has written about errors and connections."""
        return (self.folder / "errors").read_text()


@contextmanager
def following(
    name: str,
    folder: Path,
    url: str,
    token: Path,
    where: str | None = None,
    cursor: str | None = None,
) -> Iterator[Follower]:
    """A client for the length of the block; it begins at `cursor`, where one is given."""
    folder.mkdir(parents=True)
    for file in EXAMPLES.iterdir():
        shutil.copy(file, folder)
    (folder / "node_modules").symlink_to(CLIENTS / "node_modules")
    if cursor is not None:
        (folder / "cursor.txt").write_text(cursor)
    command = [*COMMANDS[name], name, url, "cursor.txt", *([where] if where else [])]
    with (folder / "out").open("wb") as out, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"HUB_TOKEN_FILE": str(token), "NO_PROXY": "127.0.0.1"},
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )
    try:
        yield Follower(name, folder, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait(20)
