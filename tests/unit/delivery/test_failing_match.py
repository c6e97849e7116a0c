"""A subscription that fails to match an entry ends with its cursor; others do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from typing import Any

from hub.delivery.batch import Batch
from hub.delivery.delivery import Delivery
from hub.delivery.entry import Entry, Key, Place
from hub.delivery.source import Began, Came, Source, Terms
from hub.delivery.stream import Stream
from hub.delivery.subscribed import Item, Match
from hub.metrics import Metrics
from hub.settings import Settings
from resolvers.errors import HubError


class Numbers(Source):
    """A log of numbers, all in memory; a place is how many have come."""

    name = "numbers"

    def __init__(self) -> None:
        self.coming: asyncio.Queue[list[int]] = asyncio.Queue()

    async def tail(self) -> AsyncIterator[Began | Came]:
        yield Began((0,), (0,), False)
        while True:
            listed = await self.coming.get()
            entries = [Entry((0, n), {"n": n}, (n + 1,), 1) for n in listed]
            yield Came(entries, entries[-1].place)

    def cursor(self, place: Place) -> str:
        return str(place[0])

    def read(self, cursor: str) -> Place:
        return (int(cursor),)

    async def check(self, place: Place, *, in_memory: bool) -> None:
        assert in_memory

    async def replay(self, place: Place, most: int, terms: Terms = ()) -> AsyncIterator[Came]:
        raise AssertionError("all is in memory")
        yield

    def before(self, entry: Entry) -> Place:
        return (entry.key[1],)

    def has(self, place: Place, key: Key) -> bool:
        return key[1] < place[0]

    def covers(self, place: Place, other: Place) -> bool:
        return place >= other

    def later(self, place: Place, other: Place) -> Place:
        return max(place, other)

    def past(self, place: Place, entry: Entry) -> Place:
        return max(place, entry.place)

    def identity(self, doc: dict[str, Any]) -> Hashable:
        return int(doc["n"])


class Asking:
    """A subscription to all numbers that fails at some."""

    source = "numbers"
    after: str | None = None
    coalesce = False
    terms: tuple[tuple[str, str], ...] = ()

    def __init__(self, group: Hashable, bad: int | None) -> None:
        self.group: Hashable = group
        self.bad = bad

    def match(self, doc: dict[str, Any]) -> Match:
        if doc["n"] == self.bad:
            raise RuntimeError("this filter cannot be evaluated")
        return Match.NOW

    async def evaluate(self, items: Sequence[Item]) -> list[bytes]:
        return [b"" if item.doc is None else str(item.doc["n"]).encode() for item in items]


class Reader(Stream):
    """Keeps what it gets."""

    protocol = "test"

    def __init__(self) -> None:
        super().__init__()
        self.got: list[int] = []
        self.error: HubError | None = None

    def take(self, batch: Batch) -> bool:
        self.got += [int(payload) for payload in batch.payloads if payload]
        return True

    def full(self) -> bool:
        return False

    async def drained(self, seconds: float) -> None:
        pass

    def end(self, error: HubError | None) -> None:
        self.error = error


async def until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_live_and_behind() -> None:
    numbers = Numbers()
    delivery = Delivery(Settings(), {"numbers": numbers}, Metrics())
    delivery.start()
    try:
        good, bad, late = Reader(), Reader(), Reader()
        await delivery.open(Asking("good", None), good, None)
        await delivery.open(Asking("bad", 4), bad, None)
        group = bad.group
        assert group is not None
        await until(lambda: good.task is None and bad.task is None)
        numbers.coming.put_nowait([0, 1])
        await until(lambda: bad.got == [0, 1])
        numbers.coming.put_nowait([2, 3, 4, 5])
        numbers.coming.put_nowait([6])
        await until(lambda: good.got == list(range(7)))
        assert bad.error is not None
        assert bad.error.code == "INTERNAL"
        cursor = bad.error.details["cursor"]
        assert cursor == str(len(bad.got))  # nothing is missed, nothing comes twice
        assert int(cursor) <= 4
        assert (bad.group, bad.task, bad.reading) == (None, None, None)

        await delivery.open(Asking("bad", 4), late, cursor)
        await until(lambda: late.error is not None)
        assert late.error is not None
        assert (bad.got + late.got, late.error.code) == ([0, 1, 2, 3], "INTERNAL")
        assert late.error.details["cursor"] == "4"
        assert good.error is None
        print(f"got {good.got}, {bad.got} and {late.got}")
    finally:
        await delivery.stop()
