"""What the service does besides answering: prepare the stores, keep the projector running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from hub.metrics import Metrics
from hub.stores import Stores
from resolvers.catalog import Catalog
from resolvers.errors import HubError

log = structlog.get_logger("hub.upkeep")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
STEADY = 60.0
"""Seconds after which a start counts as a success, and pauses begin small again."""


class Upkeep:
    """Two background tasks that never give up, and of which neither ends the other.

    `trouble` says what the projector waits for, `placement_trouble` what the placement does.
    """

    def __init__(
        self,
        stores: Stores,
        catalog: Catalog,
        metrics: Metrics,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stores = stores
        self._catalog = catalog
        self._metrics = metrics
        self._sleep = sleep
        self._clock = clock
        self._said: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self.prepared = False
        self.trouble: str | None = None
        self.placement_trouble: str | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._tasks = [
            asyncio.create_task(self._project(), name="projector"),
            asyncio.create_task(self._follow_grids(), name="grids"),
        ]

    async def stop(self) -> None:
        """End the projector between two transactions."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def stopped(self) -> tuple[str, ...]:
        """Names of tasks that have ended, which none does by itself."""
        return tuple(task.get_name() for task in self._tasks if task.done())

    async def _project(self) -> None:
        async def once() -> None:
            if not self.prepared:
                await self._stores.prepare(self._catalog)
                self.prepared = True
                self._ready.set()
                log.info("stores prepared")
            self.trouble = None
            await self._stores.projector.run()

        async for error in self._keep(once):
            if not isinstance(error, HubError):
                self._metrics.projector_restarts.inc()
            self.trouble = self._waiting("projector", error)

    async def _follow_grids(self) -> None:
        async def once() -> None:
            self.placement_trouble = None
            await self._stores.follow_grids()

        await self._ready.wait()
        async for error in self._keep(once):
            self.placement_trouble = self._waiting("placement", error)

    async def _keep(self, once: Callable[[], Awaitable[None]]) -> AsyncIterator[Exception]:
        """Run it for ever, with pauses that grow; gives each error that it ended with."""
        pause = FIRST_PAUSE
        while True:
            began = self._clock()
            try:
                await once()
            except Exception as error:
                yield error
            if self._clock() - began > STEADY:
                pause = FIRST_PAUSE
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _waiting(self, task: str, error: Exception) -> str:
        """Say once what is waited for, with the stack where it is a fault of ours."""
        fault = None if isinstance(error, HubError) else error
        reason = (
            error.message if isinstance(error, HubError) else f"{type(error).__name__}: {error}"
        )
        if reason != self._said.get(task):
            log.warning("upkeep waits", task=task, reason=reason, exc_info=fault)
        self._said[task] = reason
        return reason
