"""Waiting for what is away: pauses that grow, and each trouble told once."""

from __future__ import annotations

import asyncio

import structlog

from resolvers.errors import HubError

log = structlog.get_logger("hub.ingest")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Patience:
    """How one task waits for the stores it needs."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._pause = FIRST_PAUSE
        self._told: str | None = None

    async def wait(self, error: Exception) -> None:
        """Tell the trouble if it is another than before, and pause."""
        known = isinstance(error, HubError)
        reason = (
            error.message if isinstance(error, HubError) else f"{type(error).__name__}: {error}"
        )
        if reason != self._told:
            log.warning(
                "ingest waits", task=self._task, reason=reason, exc_info=None if known else error
            )
        self._told = reason
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def fine(self) -> None:
        """All is well again."""
        if self._told is not None:
            log.info("ingest goes on", task=self._task)
        self._told = None
        self._pause = FIRST_PAUSE
