"""Figures as files: what was measured, on which machine, at which commit and scale."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "build" / "bench"


def machine() -> str:
    """The processor, cores and memory, in one line."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {os.cpu_count()} cores, {gib:.0f} GiB, Python {platform.python_version()}"


def commit() -> str:
    """The commit measured, marked where the tree differs from it."""
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True
    )
    return run.stdout.strip() or "unknown"


def write(name: str, scale: str, figures: dict[str, Any]) -> None:
    """Write `build/bench/<name>.json` and print it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    report = {
        "machine": machine(),
        "commit": commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale,
        **figures,
    }
    text = json.dumps(report, indent=2)
    (FOLDER / f"{name}.json").write_text(text + "\n")
    print(text, flush=True)
