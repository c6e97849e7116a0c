"""The log of events: Kafka's topic `events`, and PostgreSQL for what came before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from contextlib import aclosing
from itertools import zip_longest
from operator import ge
from typing import Any

import orjson

from hub.delivery.entry import Entry, Key, Place
from hub.delivery.expired import expired
from hub.delivery.source import Began, Came, Source, Terms
from resolvers.cursors import CursorKey
from resolvers.errors import CursorInvalid, StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_replay import Kept, Pruned, kept, replay_holding
from resolvers.stores.event_tail import EventTail, Standing, TopicReplaced
from resolvers.stores.postgres import Postgres

PAGE = 1_000
LIST = "events"
"""The name under which cursors of this log are signed."""
MOST_PARTS = 20
"""Of so many texts PostgreSQL looks for each in every version, rather than giving all versions."""


class EventSource(Source):
    """A place is the next offset of each partition of `topic`; one of `back` records before the
    end is where a process begins to read."""

    name = "events"

    def __init__(
        self, key: CursorKey, at: StoreAddresses, postgres: Postgres, topic: str, back: int
    ) -> None:
        self._key = key
        self._at = at
        self._postgres = postgres
        self._topic = topic
        self._back = back
        self._standing: Standing | None = None
        self._tail: EventTail | None = None

    async def tail(self) -> AsyncIterator[Began | Came]:
        known = self._standing
        tail = await EventTail.open(self._at, self._topic, back=self._back, known=known)
        self._tail, self._standing = tail, tail.standing
        try:
            renewed = known is not None and known.topic_id != tail.standing.topic_id
            yield Began(tail.standing.positions, await tail.ends(), renewed)
            place = list(tail.standing.positions)
            while True:
                records, positions = await tail.read(PAGE)
                entries = []
                for record in records:
                    assert record.value is not None
                    place[record.partition] = record.offset + 1
                    entries.append(
                        Entry(
                            (record.partition, record.offset),
                            orjson.loads(record.value),
                            tuple(place),
                            len(record.value),
                        )
                    )
                if entries or list(positions) != place:
                    place = list(positions)
                    self._standing = Standing(tail.standing.topic_id, positions, tail.standing.kept)
                    yield Came(entries, positions)
        except TopicReplaced as error:
            raise StoreUnavailable("the topic was replaced", store="kafka") from error
        finally:
            self._tail = None
            await tail.close()

    def cursor(self, place: Place) -> str:
        return self._key.sign([LIST, self._topic_id, place])

    def read(self, cursor: str) -> Place:
        topic, offsets = self._key.read(cursor, LIST, 2)
        if not isinstance(offsets, list) or not all(type(each) is int for each in offsets):
            raise CursorInvalid("this is not a cursor of a stream of events: take one from there")
        if topic == "":  # given while nothing was stored: from the very beginning
            topic = self._topic_id
        if topic != self._topic_id:
            raise expired("it belongs to a log of events that is no more")
        assert self._standing is not None
        missing = len(self._standing.positions) - len(offsets)
        return (*offsets, *(0 for _ in range(missing)))

    async def check(self, place: Place, *, in_memory: bool) -> None:
        if not in_memory:
            stored = await kept(self._postgres, self._topic_id)
            if stored is not None and not self.covers(place, stored.first):
                raise expired("some of what came after it has been pruned")
        assert self._standing is not None
        known = self._tail is None or self.covers(self._standing.positions, place)
        if self._tail is not None and not known and not self.covers(await self._tail.ends(), place):
            raise expired("it stands beyond the end of this hub's log")

    async def replay(self, place: Place, most: int, terms: Terms = ()) -> AsyncIterator[Came]:
        assert self._standing is not None
        stored = await kept(self._postgres, self._topic_id)
        if stored is None:
            stored = Kept(0, (), ())
        elif not self.covers(place, stored.first):
            raise expired("some of what came after it was pruned meanwhile")
        at = list(place)
        parts = parts_of(terms)
        reading = replay_holding(self._postgres, stored, place, most, parts)
        try:
            async with aclosing(reading) as pages:
                async for page in pages:
                    entries = []
                    for each in page.versions:
                        at[each.partition] = each.offset + 1
                        key, doc = (each.partition, each.offset), orjson.loads(each.doc)
                        entries.append(Entry(key, doc, tuple(at), 0))
                    at = list(page.reached)
                    yield Came(entries, page.reached)
        except Pruned:
            raise expired("some of what came after it was pruned meanwhile") from None
        # What Kafka no longer has and PostgreSQL has not got can come no more: markers of
        # transactions lie there.
        yield Came([], self.later(self.later(place, stored.next), self._standing.kept))

    def before(self, entry: Entry) -> Place:
        partition, offset = entry.key
        return (*entry.place[:partition], offset, *entry.place[partition + 1 :])

    def has(self, place: Place, key: Key) -> bool:
        return key[0] < len(place) and key[1] < place[key[0]]

    def covers(self, place: Place, other: Place) -> bool:
        if len(place) == len(other):
            return all(map(ge, place, other))
        return all(a >= b for a, b in zip_longest(place, other, fillvalue=0))

    def later(self, place: Place, other: Place) -> Place:
        if len(place) == len(other):
            return tuple(map(max, place, other))
        return tuple(max(a, b) for a, b in zip_longest(place, other, fillvalue=0))

    def past(self, place: Place, entry: Entry) -> Place:
        partition, offset = entry.key
        padded = (*place, *(0 for _ in range(partition + 1 - len(place))))
        return (*padded[:partition], offset + 1, *padded[partition + 1 :])

    def identity(self, doc: dict[str, Any]) -> Hashable:
        return str(doc["id"])

    @property
    def _topic_id(self) -> str:
        assert self._standing is not None
        return self._standing.topic_id


def parts_of(terms: Terms) -> list[str]:
    """Of these parts a version's JSON holds at least one, if it carries one of the terms, now or
    before; none where there are no terms, or too many."""
    if len(terms) > MOST_PARTS:
        return []
    return [orjson.dumps(value).decode() for _, value in terms]
