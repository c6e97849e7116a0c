"""Events: ingest, latency, fan-out beside plain Strawberry and Node's graphql-ws, and replay.

HUB_BENCH_SHORT=1 measures with few subscribers and events, to see that all works.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import psutil

from tests.benchmarks import report
from tests.benchmarks.event_stage import Topic
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.ingesting import ingest, latency, latency_through
from tests.benchmarks.replaying import replay
from tests.benchmarks.stack import Stack

SIZES = {
    "whole": {"detections": 60_000, "seconds": 20, "subscribers": 10_000, "replay": 400_000},
    "short": {"detections": 6_000, "seconds": 4, "subscribers": 500, "replay": 20_000},
}
ROUNDS = 3


async def measure(stack: Stack) -> None:
    """Write `build/bench/events.json`. The stores are this benchmark's own, the district a demo."""
    size = SIZES["short" if os.environ.get("HUB_BENCH_SHORT") else "whole"]
    own = Stack("demo", "events")
    figures: dict[str, Any] = {"sizes": size, "others_busy_cores": others()}
    async with own.engines():
        own.loaded()
        rounds = []
        for _ in range(ROUNDS):
            async with Topic(own) as topic:
                rounds.append(await ingest(topic, size["detections"]))
            print("ingest", rounds[-1], flush=True)
        best = max(rounds, key=lambda each: each["stored_per_s"])
        figures["ingest"] = {**best, "rounds": [each["stored_per_s"] for each in rounds]}
        async with Topic(own) as topic:
            figures["latency"] = await latency(topic, size["seconds"])
            figures["latency_through_ingest"] = await latency_through(topic, size["seconds"])
            print(figures["latency"], figures["latency_through_ingest"], flush=True)
        async with Topic(own) as topic:
            figures["replay"] = await replay(topic, size["replay"])
        async with Topic(own) as topic:
            figures["fan_out"] = await fan_out(topic, size["subscribers"])
    figures["others_busy_cores_after"] = others()
    report.write("events", stack.scale, figures)


def others() -> float:
    """Cores that other work takes while nothing is measured."""
    return round(psutil.cpu_percent(interval=3) / 100 * (os.cpu_count() or 1), 2)


if __name__ == "__main__":
    asyncio.run(measure(Stack(sys.argv[1] if len(sys.argv) > 1 else "demo")))
