"""After every fault: what was accepted is stored once, and delivered once to whom it concerns, in
order per camera. `make soak` has a thousand events a second for ten minutes, all faults in turn."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from itertools import cycle
from pathlib import Path

import pytest

from tests.survival.faults import FAULTS, nothing
from tests.survival.town import Town

SOAK_SECONDS = 600
LONG = ("writer_stalled_preparing",)
REPORT = Path(__file__).parents[2] / "build" / "soak" / "survival.json"

pytestmark = pytest.mark.soak


async def test_nothing_happens(town: Town) -> None:
    await town.survives(nothing)


@pytest.mark.parametrize("name", list(FAULTS))
async def test_a_fault(town: Town, name: str) -> None:
    if name == "disk_full" and not town.engines.limited:
        pytest.skip("no tmpfs can be mounted here, so PostgreSQL's disk cannot be filled")
    if name in LONG and not town.full:
        pytest.skip("it takes half a minute to be noticed: make soak")
    await town.survives(FAULTS[name])


async def test_all_faults_in_turn(town: Town) -> None:
    if not town.full:
        pytest.skip("ten minutes: make soak")
    began = time.monotonic()
    names = [name for name in FAULTS if name != "disk_full" or town.engines.limited]
    spans: dict[str, list[float]] = {}

    async def all_of_them(town: Town) -> None:
        for name in cycle(names):
            if time.monotonic() - began > SOAK_SECONDS and len(spans) == len(names):
                return
            at = time.monotonic()
            await FAULTS[name](town)
            spans.setdefault(name, []).append(round(time.monotonic() - at, 1))
            await town.flow(town.rate * 5)

    tally = await town.survives(all_of_them)
    seconds = time.monotonic() - began
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    told = asdict(tally) | {
        "seconds": round(seconds),
        "acceptedASecond": round(tally.accepted / seconds),
        "deliveredASecond": round(tally.delivered / seconds),
        "secondsOfFaults": spans,
    }
    REPORT.write_text(json.dumps(told, indent=2) + "\n")
    print(told)
