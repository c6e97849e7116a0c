"""The background task: it prepares the stores, restarts the projector, and never gives up."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import structlog

from hub.metrics import Metrics
from hub.stores import Stores
from hub.upkeep import Upkeep
from resolvers.errors import StoreUnavailable
from resolvers.model import CATALOG


class Away:
    """Stores that are away at first, and a projector that breaks a few times."""

    def __init__(self, away: int, breaks: int) -> None:
        self.away = away
        self.breaks = breaks
        self.runs = 0
        self.projector = self
        self.steady = asyncio.Event()

    async def prepare(self, catalog: object) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("the graph (Neo4j) is not reachable", store="neo4j")

    async def run(self) -> None:
        self.runs += 1
        if self.runs <= self.breaks:
            raise RuntimeError("broken")
        self.steady.set()
        await asyncio.Event().wait()

    async def follow_grids(self) -> None:
        await asyncio.Event().wait()


async def test_it_waits_longer_and_longer_and_says_why_once() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    stores = Away(away=3, breaks=4)
    metrics = Metrics()
    upkeep = Upkeep(cast(Stores, stores), CATALOG, metrics, sleep=sleep, clock=lambda: 0.0)
    with structlog.testing.capture_logs() as logs:
        upkeep.start()
        await stores.steady.wait()
    assert pauses == [0.5, 1, 2, 4, 5, 5, 5]
    said: list[Any] = [line["reason"] for line in logs if line["event"] == "upkeep waits"]
    assert said == ["the graph (Neo4j) is not reachable", "RuntimeError: broken"]
    assert upkeep.prepared
    assert upkeep.trouble is None
    assert metrics.registry.get_sample_value("hub_projector_restarts_total") == 4
    await upkeep.stop()


class Faulty(Away):
    """Stores whose grids cannot be followed."""

    follows = 0

    def __init__(self) -> None:
        super().__init__(away=0, breaks=0)
        self.often = asyncio.Event()

    async def follow_grids(self) -> None:
        self.follows += 1
        if self.follows == 5:
            self.often.set()
        raise ValueError("a grid")


async def test_grids_that_fail_leave_the_projector_alone() -> None:
    stores = Faulty()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    upkeep = Upkeep(cast(Stores, stores), CATALOG, Metrics(), sleep=sleep)
    upkeep.start()
    await stores.steady.wait()
    await asyncio.wait_for(stores.often.wait(), 10)
    assert (stores.runs, upkeep.trouble) == (1, None)
    assert upkeep.placement_trouble == "ValueError: a grid"
    await upkeep.stop()
    assert upkeep.stopped == ("projector", "grids")
