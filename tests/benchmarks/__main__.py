"""`make bench`: runs the benchmarks and writes their figures to `build/bench/`.

`HUB_BENCH_SCALE` (demo or full) sets the size; names of benchmarks as arguments choose among them.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.benchmarks import events, federation, load, reads, start
from tests.benchmarks.stack import Stack

BENCHMARKS = {
    "events": events.measure,
    "federation": federation.measure,
    "load": load.measure,
    "reads": reads.measure,
    "start": start.measure,
}


async def main(names: list[str]) -> None:
    scale = os.environ.get("HUB_BENCH_SCALE", "demo")
    for name in names or list(BENCHMARKS):
        print(f"== {name} ({scale})", flush=True)
        await BENCHMARKS[name](Stack(scale))


asyncio.run(main(sys.argv[1:]))
