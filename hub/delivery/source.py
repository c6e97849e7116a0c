"""What a log is fed from, and what its places mean."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.delivery.entry import Entry, Key, Place, Signs

Terms = Sequence[tuple[str, str]]
"""Pairs of attribute and value; see `hub.delivery.index`."""


@dataclass(frozen=True, slots=True)
class Began:
    """The tail stands at a place, and gives everything after it from here on."""

    place: Place
    end: Place
    """Where the log ended then: what lies between is of the past."""
    renewed: bool
    """The log is another one than before: its cursors mean nothing any more."""


@dataclass(frozen=True, slots=True)
class Came:
    """What the tail has read, in order, and where it stands after it."""

    entries: list[Entry]
    place: Place


class Source(Signs):
    """A log as it is kept outside of this process."""

    name: str

    @abstractmethod
    def tail(self) -> AsyncIterator[Began | Came]:
        """Everything that comes, for ever: first where it begins. Raises StoreUnavailable when it
        is lost; called again it goes on where it stood."""

    @abstractmethod
    def read(self, cursor: str) -> Place:
        """The place of a cursor. Raises CursorInvalid, CursorExpired."""

    @abstractmethod
    async def check(self, place: Place, *, in_memory: bool) -> None:
        """Raises CursorExpired where the log no longer has all that comes after a place, or ends
        before it. `in_memory`: all that comes after it is in this process."""

    @abstractmethod
    def replay(self, place: Place, most: int, terms: Terms = ()) -> AsyncIterator[Came]:
        """What is stored after a place, by `most` or so at a time, then ends; the last place is
        that up to which everything is stored. What carries none of the terms may be left out.
        Raises StoreUnavailable."""

    @abstractmethod
    def before(self, entry: Entry) -> Place:
        """The place just before an entry."""

    @abstractmethod
    def has(self, place: Place, key: Key) -> bool:
        """Whether a document lies before a place."""

    @abstractmethod
    def covers(self, place: Place, other: Place) -> bool:
        """Whether all that lies before `other` also lies before `place`."""

    @abstractmethod
    def later(self, place: Place, other: Place) -> Place:
        """The place before which lies all that lies before either."""

    @abstractmethod
    def past(self, place: Place, entry: Entry) -> Place:
        """The place moved past this entry, and past nothing beside it."""

    @abstractmethod
    def identity(self, doc: dict[str, Any]) -> Hashable:
        """What the versions of one thing have in common."""
