"""What the service does besides answering: prepare the stores, keep the projector running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

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
    """One background task that never gives up; `trouble` says what it waits for."""

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
        self._said: str | None = None
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
        pause = FIRST_PAUSE
        while True:
            began = self._clock()
            try:
                if not self.prepared:
                    await self._stores.prepare(self._catalog)
                    self.prepared = True
                    log.info("stores prepared")
                self.trouble = None
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._stores.projector.run(), name="projector")
                    group.create_task(self._stores.follow_grids(), name="grids")
            except HubError as error:
                self._waiting(error.message, error)
            except Exception as error:
                self._metrics.projector_restarts.inc()
                cause = _cause(error)
                self._waiting(f"{type(cause).__name__}: {cause}", cause)
            if self._clock() - began > STEADY:
                pause = FIRST_PAUSE
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _waiting(self, reason: str, error: BaseException) -> None:
        """Say once what is waited for, with the stack where it is a fault of ours."""
        if reason != self._said:
            fault = None if isinstance(error, HubError) else error
            log.warning("upkeep waits", reason=reason, exc_info=fault)
        self.trouble = self._said = reason


def _cause(error: BaseException) -> BaseException:
    """The first of the errors that a group of tasks ended with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
