"""A log in memory: what came last, in one order for the whole process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice

import structlog

from hub.delivery.entry import Entry, Place
from hub.delivery.source import Began, Source
from resolvers.errors import HubError, StoreUnavailable

log = structlog.get_logger("hub.delivery")

LONGEST_PAUSE = 5.0


class Log:
    """Follows a source and keeps its last entries: at most `most` and about `most_bytes`.

    `came` is called with new entries; `restarted` when a gap or another log (True) lies between
    what came before, up to a place, and what comes now.
    """

    def __init__(
        self,
        source: Source,
        *,
        most: int,
        most_bytes: int,
        came: Callable[[list[Entry]], None],
        restarted: Callable[[bool, Place], None],
    ) -> None:
        self.source = source
        self._most = most
        self._most_bytes = most_bytes
        self._came = came
        self._restarted = restarted
        self._ring: deque[Entry] = deque()
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self.next_seq = 0
        self.start: Place | None = None
        """Everything after it is in memory; None before the source was reached."""
        self._end: Place = ()
        self.place: Place = ()
        """Where the log stands."""
        self._place_cursor: tuple[Place, str] | None = None

    @property
    def first_seq(self) -> int:
        return self.next_seq - len(self._ring)

    def cursor(self) -> str:
        """The cursor of where the log stands."""
        if self._place_cursor is None or self._place_cursor[0] != self.place:
            self._place_cursor = self.place, self.source.cursor(self.place)
        return self._place_cursor[1]

    async def ready(self, seconds: float) -> None:
        """Follow the source, and wait until it has been reached. Raises StoreUnavailable."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name=f"log {self.source.name}")
        try:
            async with asyncio.timeout(seconds):
                while self.start is None or not self.reached(self._end):
                    await self.moved(seconds)
        except TimeoutError:
            raise StoreUnavailable(
                f"the log of {self.source.name} is not reachable; try again later",
                store="kafka" if self.source.name == "events" else "postgres",
            ) from None

    async def moved(self, seconds: float) -> None:
        """Wait until anything comes, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            pass

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def holds(self, place: Place) -> bool:
        """Whether everything after a place is in memory."""
        return self.start is not None and self.source.covers(place, self.start)

    def reached(self, place: Place) -> bool:
        """Whether everything before a place has come."""
        return self.start is not None and self.source.covers(self.place, place)

    def since(self, seq: int, most: int) -> list[Entry]:
        """Entries from a number on, which must not have gone."""
        skip = seq - self.first_seq
        return list(islice(self._ring, skip, skip + most))

    async def _follow(self) -> None:
        pause, said = 0.1, ""
        while True:
            try:
                async for step in self.source.tail():
                    pause, said = 0.1, ""
                    if isinstance(step, Began):
                        self._begin(step)
                    else:
                        self._append(step.entries, step.place)
            except HubError as error:
                reason, fault = error.message, None
            except Exception as error:
                reason, fault = f"{type(error).__name__}: {error}", error
            else:
                reason, fault = "the source ended", None
            if reason != said:
                log.warning("log waits", log=self.source.name, reason=reason, exc_info=fault)
            said = reason
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self, step: Began) -> None:
        self._end = step.end
        if self.start is not None:
            if not step.renewed and step.place == self.place:
                return
            log.warning("log restarted", log=self.source.name, renewed=step.renewed)
        first, stood = self.start is None, self.place
        self.next_seq += 1  # no reader goes on across a gap
        self._ring.clear()
        self._bytes = 0
        self.start = self.place = step.place
        self._wake()
        if not first:
            self._restarted(step.renewed, stood)

    def _append(self, entries: list[Entry], place: Place) -> None:
        self.place = place
        if entries:
            for entry in entries:
                entry.seq = self.next_seq
                self.next_seq += 1
                self._bytes += entry.size
                self._ring.append(entry)
            while len(self._ring) > self._most or self._bytes > self._most_bytes:
                gone = self._ring.popleft()
                self._bytes -= gone.size
                assert self.start is not None
                # Not `gone.place`: in other partitions a transaction's marker may lie before that,
                # and what is stored ends before the marker.
                self.start = self.source.past(self.start, gone)
            self._came(entries)
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
