"""The topic of dead letters, read to its present end without keeping it in memory.

A letter is named by its place there, `partition:offset`. When letters were replayed, a mark lies
behind them in the same partition: a message without value, whose header `replayed` lists their
offsets. So a reader who begins anywhere and reads to the end learns of all letters from there on
whether they were replayed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import orjson
from pydantic import ValidationError

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Place
from resolvers.stores.tail import Record, Tail
from resolvers.stores.topics import partitions_of
from schema.wire import DeadLetter

MARK = "replayed"
PAGE = 500


@dataclass(frozen=True)
class Letter:
    """A dead letter at its place."""

    partition: int
    offset: int
    key: bytes | None
    told: DeadLetter

    @property
    def place(self) -> str:
        return f"{self.partition}:{self.offset}"

    @property
    def camera(self) -> str | None:
        """The message's key, which should be a camera's code."""
        return self.told.key


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant; every condition must hold."""

    reason: str | None = None
    """Part of the reason, in letters of either size."""
    camera: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    places: frozenset[str] | None = None

    def fits(self, letter: Letter) -> bool:
        """Whether a letter is meant."""
        told = letter.told
        return (
            (self.places is None or letter.place in self.places)
            and (self.reason is None or self.reason.lower() in told.reason.lower())
            and (self.camera is None or self.camera == letter.camera)
            and (self.since is None or told.died_at >= self.since)
            and (self.until is None or told.died_at < self.until)
        )


class Marks:
    """Which offsets were replayed: one bit each."""

    def __init__(self) -> None:
        self._bits: dict[int, tuple[int, bytearray]] = {}
        self.count = 0

    def begin(self, partition: int, first: int, last: int) -> None:
        """Make room for the offsets from `first` to before `last`."""
        self._bits[partition] = first, bytearray((max(last - first, 0) + 7) // 8)

    def add(self, partition: int, offset: int) -> None:
        """Note one; an offset outside the room is passed over."""
        first, bits = self._bits[partition]
        byte, bit = divmod(offset - first, 8)
        if 0 <= byte < len(bits) and not bits[byte] & 1 << bit:
            bits[byte] |= 1 << bit
            self.count += 1

    def holds(self, letter: Letter) -> bool:
        """Whether a letter was replayed."""
        first, bits = self._bits[letter.partition]
        byte, bit = divmod(letter.offset - first, 8)
        return 0 <= byte < len(bits) and bool(bits[byte] & 1 << bit)


@dataclass(frozen=True)
class Shelf:
    """The topic of dead letters between two vectors of offsets."""

    at: StoreAddresses
    topic: str
    firsts: dict[int, int]
    lasts: dict[int, int]

    @classmethod
    async def open(cls, at: StoreAddresses, topic: str, last: int | None = None) -> Shelf:
        """The topic up to its present end; of each partition the `last` offsets only.

        Raises StoreUnavailable, also where there is no such topic.
        """
        partitions = (await partitions_of(at, [topic]))[topic]
        everywhere: dict[Place, int | None] = {(topic, p): None for p in range(partitions)}
        async with tailing(at, everywhere) as tail:
            lasts = {p: at for (_, p), at in (await tail.ends()).items()}
            begun = {p: await tail.position((topic, p)) for p in lasts}
        firsts = {p: max(begun[p], at - last if last else 0) for p, at in lasts.items()}
        return cls(at, topic, firsts, lasts)

    async def records(self) -> AsyncGenerator[Record, None]:
        """All messages, in order within each partition. Raises StoreUnavailable."""
        waiting = {p for p, last in self.lasts.items() if self.firsts[p] < last}
        if not waiting:
            return
        async with tailing(self.at, {(self.topic, p): self.firsts[p] for p in waiting}) as tail:
            while waiting:
                for records in (await tail.read(PAGE, seconds=0.2)).values():
                    for record in records:
                        if record.offset < self.lasts[record.partition]:
                            yield record
                waiting = {
                    p for p in waiting if await tail.position((self.topic, p)) < self.lasts[p]
                }

    async def letters(self) -> AsyncIterator[Letter]:
        """All letters; what is none is passed over. Raises StoreUnavailable."""
        async for record in self.records():
            letter = letter_in(record)
            if letter is not None:
                yield letter

    async def marks(self) -> Marks:
        """Which letters were replayed. Raises StoreUnavailable."""
        marks = Marks()
        for partition, first in self.firsts.items():
            marks.begin(partition, first, self.lasts[partition])
        async for record in self.records():
            for name, value in _headers(record):
                if name == MARK:
                    for offset in orjson.loads(value):
                        marks.add(record.partition, offset)
        return marks

    async def letter(self, place: str) -> Letter | None:
        """The letter at a place. Raises ValueError for what is no place, and StoreUnavailable."""
        partition, offset = place_of(place)
        if not self.firsts.get(partition, 1) <= offset < self.lasts.get(partition, 0):
            return None
        only = Shelf(self.at, self.topic, {partition: offset}, {partition: offset + 1})
        async with aclosing(only.records()) as records:
            async for record in records:
                if record.offset == offset:
                    return letter_in(record)
        return None


def place_of(text: str) -> tuple[int, int]:
    """Partition and offset of `partition:offset`. Raises ValueError."""
    partition, colon, offset = text.partition(":")
    if not (colon and partition.isdecimal() and offset.isdecimal()):
        raise ValueError(f"{text!r} is not PARTITION:OFFSET")
    return int(partition), int(offset)


def letter_in(record: Record) -> Letter | None:
    """The letter that a message is; None for a mark."""
    if not record.value:
        return None
    try:
        told = DeadLetter.model_validate_json(record.value)
    except ValidationError:
        return None
    return Letter(record.partition, record.offset, record.key, told)


def _headers(record: Record) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = list(getattr(record, "headers", ()))
    return found


@asynccontextmanager
async def tailing(at: StoreAddresses, offsets: dict[Place, int | None]) -> AsyncIterator[Tail]:
    """A reader of these partitions, for the length of the block. Raises StoreUnavailable."""
    tail = await Tail.open(at, offsets, wait_ms=100)
    try:
        yield tail
    finally:
        await tail.close()
