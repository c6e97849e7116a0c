"""The log of the graph's changes: the change log in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from datetime import UTC
from typing import Any

import orjson

from hub.delivery.entry import Entry, Key, Place
from hub.delivery.expired import expired
from hub.delivery.source import Began, Came, Source, Terms
from resolvers.cursors import CursorKey
from resolvers.errors import CursorInvalid
from resolvers.stores.change_tail import ChangeBell, changes_after, head
from resolvers.stores.postgres import Postgres

PAGE = 1_000
LIST = "changes"
"""The name under which cursors of this log are signed."""
LAST = 2**31 - 1
"""Comes after every change of a change set."""


class ChangeSource(Source):
    """A place is the (position, ordinal) of the last change before it."""

    name = "changes"

    def __init__(self, key: CursorKey, postgres: Postgres) -> None:
        self._key = key
        self._postgres = postgres
        self._log_id = ""
        self._place: Place | None = None

    async def tail(self) -> AsyncIterator[Began | Came]:
        bell = ChangeBell(self._postgres)
        await bell.start()
        try:
            log_id, position = await head(self._postgres)
            renewed = bool(self._log_id) and log_id != self._log_id
            if self._place is None or renewed or position < self._place[0]:
                self._place = (position, LAST)
            self._log_id = log_id
            yield Began(self._place, self._place, renewed)
            while True:
                entries = await self._after(self._place, PAGE)
                if not entries:
                    await bell.wait()
                    continue
                self._place = entries[-1].place
                yield Came(entries, self._place)
        finally:
            await bell.stop()

    async def _after(self, place: Place, most: int) -> list[Entry]:
        rows = await changes_after(self._postgres, place[0], place[1], most)
        made = []
        for row in rows:
            at = (row["position"], row["ordinal"])
            doc = document(dict(row))
            made.append(Entry(at, doc, at, len(orjson.dumps(doc))))
        return made

    def cursor(self, place: Place) -> str:
        return self._key.sign([LIST, self._log_id, *place])

    def read(self, cursor: str) -> Place:
        log_id, position, ordinal = self._key.read(cursor, LIST, 3)
        if type(position) is not int or type(ordinal) is not int:
            raise CursorInvalid("this is not a cursor of a stream of changes: take one from there")
        if log_id != self._log_id:
            raise expired("it belongs to a change log that is no more")
        return position, ordinal

    async def check(self, place: Place, *, in_memory: bool) -> None:
        known = self._place is None or place[0] <= self._place[0]
        if not known and place[0] > (await head(self._postgres))[1]:
            raise expired("it stands beyond the end of this hub's change log")

    async def replay(self, place: Place, most: int, terms: Terms = ()) -> AsyncIterator[Came]:
        while entries := await self._after(place, most):
            place = entries[-1].place
            yield Came(entries, place)
            if len(entries) < most:
                return

    def before(self, entry: Entry) -> Place:
        return entry.key[0], entry.key[1] - 1

    def has(self, place: Place, key: Key) -> bool:
        return key <= place

    def covers(self, place: Place, other: Place) -> bool:
        return place >= other

    def later(self, place: Place, other: Place) -> Place:
        return max(place, other)

    def past(self, place: Place, entry: Entry) -> Place:
        return max(place, entry.place)

    def identity(self, doc: dict[str, Any]) -> Hashable:
        return doc["type"], doc["code"]


def document(doc: dict[str, Any]) -> dict[str, Any]:
    """A change as `schema.wire.GraphChange` has it, made of a row's values."""
    recorded = doc.pop("recorded_at").astimezone(UTC)
    doc["recordedAt"] = recorded.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return doc
