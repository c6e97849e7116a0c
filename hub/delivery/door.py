"""All open connections with streams, and the times they have to keep."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Visitor(Protocol):
    """A WebSocket connection, or a streaming response."""

    def tick(self, now: float, wall: float) -> None:
        """Look at the clocks: monotonic seconds, and seconds since the epoch."""


class Door:
    """Has each look at the clock about once a second: one task for all."""

    def __init__(self) -> None:
        self.visitors: dict[Visitor, None] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._sweeping = asyncio.create_task(self._sweep(), name="streams' clock")

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait((self._sweeping,))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now, wall = time.monotonic(), time.time()
            for visitor in tuple(self.visitors):
                visitor.tick(now, wall)
