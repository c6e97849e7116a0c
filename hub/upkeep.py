"""What the service does besides answering: prepare the stores, keep the projector running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hub.metrics import Metrics
from hub.stores import Stores
from resolvers.catalog import Catalog
from resolvers.errors import HubError

log = structlog.get_logger("hub.upkeep")

LONGEST_PAUSE = 30.0


class Upkeep:
    """One background task that never gives up; `trouble` says what it waits for."""

    def __init__(
        self,
        stores: Stores,
        catalog: Catalog,
        metrics: Metrics,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._stores = stores
        self._catalog = catalog
        self._metrics = metrics
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self.prepared = False
        self.trouble: str | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="upkeep")

    async def stop(self) -> None:
        """End the projector between two transactions."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        pause = 0.5
        while True:
            try:
                if not self.prepared:
                    await self._stores.prepare(self._catalog)
                    self.prepared = True
                    self.trouble = None
                    log.info("stores prepared")
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._stores.projector.run(), name="projector")
                    group.create_task(self._stores.follow_grids(), name="grids")
            except HubError as error:
                self._waiting(error.message)
            except Exception as error:
                log.exception("upkeep failed", error=type(error).__name__)
                self._waiting(f"{type(error).__name__}: see the log")
                self._metrics.projector_restarts.inc()
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE) if not self.prepared else 1.0

    def _waiting(self, reason: str) -> None:
        if reason != self.trouble:
            log.warning("upkeep waits", reason=reason)
        self.trouble = reason
