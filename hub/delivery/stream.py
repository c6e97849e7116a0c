"""One subscription of one client, as the logs see it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

from hub.delivery.batch import Batch
from resolvers.errors import HubError

if TYPE_CHECKING:
    from hub.delivery.catch_up import CatchUp
    from hub.delivery.group import Group


class Stream:
    """Either live, in its group's `live`, without a task of its own; or behind, with the task that
    reads for it what it has not got yet."""

    __slots__ = ("__weakref__", "fell", "group", "reading", "since", "task")

    protocol = ""

    def __init__(self) -> None:
        self.group: Group | None = None
        self.since = 0
        """Live: it has got everything before the entry of this number."""
        self.fell: int | None = None
        """The number it stood at when its reader was too slow; None since it has caught up."""
        self.task: asyncio.Task[None] | None = None
        self.reading: CatchUp | None = None
        """What that task runs; None while live."""

    @abstractmethod
    def take(self, batch: Batch) -> bool:
        """Send all of a batch, or nothing of it where the reader's buffer is full (False)."""

    @abstractmethod
    def full(self) -> bool:
        """Whether so much waits for the reader that no more should be sent."""

    @abstractmethod
    async def drained(self, seconds: float) -> None:
        """Wait until it has read most of what waits for it, at most so long."""

    @abstractmethod
    def end(self, error: HubError | None) -> None:
        """Say the last word: an error, or that it is complete. Nothing is sent afterwards."""
