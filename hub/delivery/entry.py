"""One document in a log."""

from __future__ import annotations

from typing import Any

Place = tuple[int, ...]
"""Where a reader stands in a log: per partition the next offset, or (position, ordinal)."""

Key = tuple[int, int]
"""Where a document stands: (partition, offset), or (position, ordinal)."""


class Entry:
    """A document, its number in this process's log, and the place after it."""

    __slots__ = ("_cursor", "doc", "key", "place", "seq", "size")

    def __init__(self, key: Key, doc: dict[str, Any], place: Place, size: int) -> None:
        self.seq = -1
        self.key = key
        self.doc = doc
        self.place = place
        self.size = size
        self._cursor: str | None = None

    def cursor(self, source: Signs) -> str:
        """The cursor after it, signed once."""
        if self._cursor is None:
            self._cursor = source.cursor(self.place)
        return self._cursor


class Signs:
    """What signs places; see `hub.delivery.source`."""

    def cursor(self, place: Place) -> str:
        raise NotImplementedError
