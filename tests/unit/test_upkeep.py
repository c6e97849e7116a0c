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
