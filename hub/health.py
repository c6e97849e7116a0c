"""Is the hub alive, and can it answer? `/live` and `/ready`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hub.metrics import Metrics
from resolvers.errors import HubError

Probe = Callable[[], Awaitable[None]]
"""Asks a store something small; raises where it does not answer."""


@dataclass(frozen=True)
class StoreHealth:
    """How one store answered."""

    state: str
    """`up` or `down`."""
    ms: float
    reason: str | None = None


@dataclass(frozen=True)
class Progress:
    """How far the graph is behind the change log; None for what cannot be known now."""

    log: int | None
    graph: int | None
    waiting: str | None = None
    """What the projector waits for, or what is wrong with it."""
    placement: str | None = None
    """What is wrong with the placement of positions on grids."""

    @property
    def lag(self) -> int | None:
        if self.log is None or self.graph is None:
            return None
        return max(0, self.log - self.graph)


class Health:
    """Asks the stores, at most once in `keep` seconds however often it is asked itself.

    `answering` names the stores without which nothing can be answered: with all of them down
    the hub is not ready.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        progress: Callable[[], Awaitable[Progress]],
        metrics: Metrics,
        *,
        answering: frozenset[str],
        seconds: float = 2.0,
        keep: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probes = probes
        self._progress = progress
        self._metrics = metrics
        self._answering = answering
        self._seconds = seconds
        self._keep = keep
        self._clock = clock
        self._lock = asyncio.Lock()
        self._known: tuple[float, dict[str, Any]] | None = None

    async def live(self, request: Request) -> Response:
        """GET /live: 200 while the process serves at all."""
        return PlainTextResponse("live\n")

    async def ready(self, request: Request) -> Response:
        """GET /ready: 200 `ready` or `degraded`, 503 `down` when nothing can be answered."""
        report = await self.report()
        return Response(
            orjson.dumps(report, option=orjson.OPT_INDENT_2),
            503 if report["state"] == "down" else 200,
            {"Cache-Control": "no-store"},
            "application/json",
        )

    async def report(self) -> dict[str, Any]:
        """The state of the whole, of each store, of the projector and of the placement."""
        async with self._lock:
            if self._known is None or self._clock() - self._known[0] > self._keep:
                report = await self._ask()
                self._known = (self._clock(), report)
            return self._known[1]

    async def _ask(self) -> dict[str, Any]:
        answers = await asyncio.gather(
            *(self._ask_store(name, probe) for name, probe in self._probes.items())
        )
        stores = dict(zip(self._probes, answers, strict=True))
        progress = await self._ask_progress()
        up = {name for name, each in stores.items() if each.state == "up"}
        faultless = progress.waiting is None and progress.placement is None
        state = "ready" if len(up) == len(stores) and faultless else "degraded"
        if self._answering and not self._answering & up:
            state = "down"
        return {
            "state": state,
            "stores": {name: asdict(each) for name, each in stores.items()},
            "projector": {
                "log": progress.log,
                "graph": progress.graph,
                "waiting": progress.waiting,
                "lag": progress.lag,
            },
            "placement": {"waiting": progress.placement},
        }

    async def _ask_store(self, name: str, probe: Probe) -> StoreHealth:
        began = self._clock()
        reason: str | None = None
        try:
            async with asyncio.timeout(self._seconds):
                await probe()
        except TimeoutError:
            reason = f"no answer within {self._seconds:g} s"
        except HubError as error:
            reason = error.message
        except Exception as error:
            reason = type(error).__name__
        took = self._clock() - began
        self._metrics.store_up.labels(name).set(reason is None)
        self._metrics.store_seconds.labels(name).set(took)
        return StoreHealth("up" if reason is None else "down", round(took * 1000, 2), reason)

    async def _ask_progress(self) -> Progress:
        try:
            async with asyncio.timeout(self._seconds):
                progress = await self._progress()
        except Exception as error:
            return Progress(None, None, f"progress is not known: {type(error).__name__}")
        if progress.log is not None:
            self._metrics.log_position.set(progress.log)
        if progress.graph is not None:
            self._metrics.graph_position.set(progress.graph)
        if progress.lag is not None:
            self._metrics.lag.set(progress.lag)
        return progress
