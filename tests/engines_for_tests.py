"""Engines of a test run: own folder, own ports, small heaps; killed runs' are ended."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hub.engines import down
from hub.engines.process import ProcessNote
from hub.settings import Settings

PREFIX = "city-hub-tests-"
OWNER = "owner.json"
SET = {
    "data",
    "neo4j_port",
    "postgres_port",
    "kafka_port",
    "kafka_controller_port",
    "neo4j_heap",
    "neo4j_pagecache",
    "kafka_heap",
    "postgres_buffers",
    "engine_start_seconds",
}


def settings_for_tests(data: Path, **other: object) -> Settings:
    """Settings with chosen ports and small heaps, whatever the environment says."""
    values: dict[str, object] = {
        "data": data,
        "neo4j_url": None,
        "postgres_url": None,
        "kafka_servers": None,
        "neo4j_port": 0,
        "postgres_port": 0,
        "kafka_port": 0,
        "kafka_controller_port": 0,
        "neo4j_heap": "512m",
        "neo4j_pagecache": "128m",
        "kafka_heap": "192m",
        "postgres_buffers": "64MB",
        "engine_start_seconds": 120,
    }
    return Settings(**(values | other))  # type: ignore[arg-type]


def environment_for_tests(data: Path, **other: str) -> dict[str, str]:
    """The same settings for the command line: without ours from outside."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    for name, value in settings_for_tests(data).model_dump(exclude_none=True).items():
        if name in SET:
            clean[f"HUB_{name.upper()}"] = str(value)
    return clean | other


def hub(data: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line on a data folder of the tests' own."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("hub")), *arguments],
        env=environment_for_tests(data, **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def make_folder() -> Path:
    """A data folder that says whose it is."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)  # PostgreSQL's user passes through
    note = ProcessNote.of(os.getpid())
    assert note is not None
    note.write(folder / OWNER)
    return folder


def reap() -> list[Path]:
    """End the engines of test runs that were killed, and remove their folders."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not (folder / OWNER).exists() or ProcessNote.read(folder / OWNER) is not None:
            continue
        clear(folder)
        gone.append(folder)
    return gone


def clear(folder: Path) -> None:
    """Stop what runs in a folder and remove it."""
    with contextlib.suppress(Exception):
        asyncio.run(down(settings_for_tests(folder)))
    for link in folder.glob("*"):
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def note_of(folder: Path, engine: str) -> dict[str, object]:
    """What the data folder notes about a running engine."""
    noted: dict[str, object] = json.loads((folder / "run" / f"{engine}.json").read_text())
    return noted
