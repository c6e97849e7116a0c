"""The events of one partition that ingest remembers, and when each may be forgotten.

Open events stay as they are. Closed ones stay as the bytes that stand in the topic `events.open`,
until PostgreSQL has their last version and they are old or too many. What was forgotten began at
or before `horizon`: an unknown event that began later is surely new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from hub.ingest.fold import Kept
from resolvers.stores.event_log import StoredEvent

HORIZON = b"#horizon"
"""The key in `events.open` under which a partition's horizon stands."""
AT_ONCE = 1_000
"""Most events forgotten, or closed for their silence, in one transaction."""


@dataclass(slots=True)
class Closed:
    """A closed event: its message, and from when on and at which offset it is stored."""

    message: bytes
    touched: float
    offset: int


def message_of(kept: Kept) -> bytes:
    """An event as it stands in `events.open`."""
    return orjson.dumps(
        {
            "doc": kept.doc,
            "seen": kept.seen,
            "reviews": kept.reviews,
            "silenced": kept.silenced,
        }
    )


def kept_of(message: bytes) -> Kept:
    """The event that `message_of` wrote."""
    value = orjson.loads(message)
    silenced = value.get("silenced", False)
    return Kept(value["doc"], value["seen"], tuple(value["reviews"]), silenced)


def recalled(stored: StoredEvent) -> Kept:
    """The event as its versions in PostgreSQL tell it.

    GONE moves `updatedAt` to the event's end, silence leaves it. The two look alike only where
    GONE was no later than what was seen last, or where the closing version was pruned and a review
    stayed: then it counts as silence, so that a later observation re-opens it and is not lost.
    """
    latest = orjson.loads(stored.doc)
    told = latest if stored.told is None else orjson.loads(stored.told)
    touched = told["openedAt"] if told["phase"] == "REVIEWED" else told["updatedAt"]
    by_gone = told["phase"] == "CLOSED" and "updatedAt" in told["before"]
    silenced = latest["status"] == "CLOSED" and not by_gone
    return Kept(latest, told["closedAt"] or touched, stored.reviews, silenced)


class Memory:
    """What one partition remembers; times are of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._open: dict[str, Kept] = {}
        self._heard: dict[str, float] = {}
        """Of open events, the least recently heard first."""
        self._closed: dict[str, Closed] = {}
        """The least recently touched first."""
        self.horizon: str | None = None
        self.has_horizon = False
        """Whether the topic tells the horizon; a new topic does not yet."""

    @classmethod
    def rebuilt(cls, messages: Iterable[tuple[bytes, bytes]], clock: float, end: int) -> Memory:
        """From the latest value of each key; `end` is an offset of `events` after them all."""
        memory = cls()
        for key, value in messages:
            if key == HORIZON:
                memory.learn_horizon(orjson.loads(value))
            else:
                memory._restore(key.decode(), value, clock, end)
        return memory

    def _restore(self, event: str, message: bytes, clock: float, end: int) -> None:
        kept = kept_of(message)
        if kept.is_open:
            self._open[event] = kept
            self._heard[event] = clock
        else:
            self._closed[event] = Closed(message, clock, end)

    def learn_horizon(self, value: str | None) -> None:
        """Take what the topic, or at first PostgreSQL, says of the horizon."""
        self.horizon = value
        self.has_horizon = True

    @property
    def open(self) -> int:
        return len(self._open)

    @property
    def closed(self) -> int:
        return len(self._closed)

    def get(self, event: str) -> Kept | None:
        """The event as it is, if it is remembered."""
        kept = self._open.get(event)
        if kept is not None:
            return kept
        closed = self._closed.get(event)
        return None if closed is None else kept_of(closed.message)

    def __contains__(self, event: str) -> bool:
        return event in self._open or event in self._closed

    def put(self, event: str, kept: Kept, message: bytes, clock: float, offset: int) -> None:
        """Remember a version that stands before `offset` in `events`."""
        if kept.is_open:
            self._closed.pop(event, None)
            self._open[event] = kept
            if kept.doc["phase"] != "REVIEWED" or event not in self._heard:
                self._heard.pop(event, None)
                self._heard[event] = clock
            return
        self._open.pop(event, None)
        self._heard.pop(event, None)
        self._closed.pop(event, None)
        self._closed[event] = Closed(message, clock, offset)

    def recall(self, event: str, stored: StoredEvent, clock: float) -> None:
        """Remember again what was forgotten, as PostgreSQL has it."""
        self._restore(event, message_of(recalled(stored)), clock, 0)

    def silent(self, since: float) -> Iterator[str]:
        """Open events of which nothing was heard since then."""
        for event, heard in self._heard.items():
            if heard > since:
                return
            yield event

    def forgettable(self, stored: int, since: float, most: int) -> list[str]:
        """Closed events that PostgreSQL has (all before the offset `stored`), and that were last
        touched before `since` or are more than `most`."""
        surplus = len(self._closed) - most
        found: list[str] = []
        for event, closed in self._closed.items():
            wanted = len(found) < surplus or closed.touched <= since
            if not wanted or closed.offset > stored or len(found) == AT_ONCE:
                break
            found.append(event)
        return found

    def forget(self, events: Iterable[str]) -> None:
        """Forget these closed events, and move the horizon past their beginnings."""
        for event in events:
            began = kept_of(self._closed.pop(event).message).doc["openedAt"]
            self.horizon = max(self.horizon or "", began)
