"""Seconds from `make demo` on a set-up machine to the first answer."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from typing import Any

import httpx

from hub.engines.ports import choose
from tests.benchmarks import report
from tests.benchmarks.stack import Stack, wait_for

ROUNDS = 3


async def measure(stack: Stack) -> None:
    """Write `build/bench/start.json`: the first start loads the sample, later ones do not."""
    stack = Stack(stack.scale, "start")
    first = _start(stack)
    later = [_start(stack) for _ in range(ROUNDS)]
    figures: dict[str, Any] = {
        "first_start_s": round(first, 2),
        "later_start_s": round(statistics.median(later), 2),
        "rounds": ROUNDS,
    }
    report.write("start", "demo", figures)


def _start(stack: Stack) -> float:
    port = choose(set())
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "-s", "demo"],
        cwd=report.PROJECT,
        env={**stack.environment, "HUB_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/ready", 300)
        answer = httpx.post(
            f"{url}/graphql", json={"query": "{ grids(first: 1) { nodes { code } } }"}
        )
        assert answer.json()["data"]["grids"]["nodes"], answer.text
        return time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
