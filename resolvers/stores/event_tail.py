"""Following the topic `events` from Kafka: all partitions, only what is committed, no group."""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Place
from resolvers.stores.tail import Record, Tail
from resolvers.stores.topics import partitions_of, topic_id

CHECK_SECONDS = 30.0
"""How often it is asked whether the topic is still the same."""


class TopicReplaced(Exception):
    """The topic was deleted and made again: its offsets mean something else now."""


@dataclass(frozen=True)
class Standing:
    """Where a tail begins."""

    topic_id: str
    positions: tuple[int, ...]
    """The next offset of each partition."""
    kept: tuple[int, ...]
    """The first offset that each partition still has."""


class EventTail:
    """The records of a topic as they are committed. Raises StoreUnavailable throughout, and
    OffsetOutOfRangeError where Kafka no longer has what comes next: nothing is passed over."""

    def __init__(self, at: StoreAddresses, topic: str, tail: Tail, standing: Standing) -> None:
        self._at = at
        self._topic = topic
        self._tail = tail
        self._positions = list(standing.positions)
        self._checked = time.monotonic()
        self.standing = standing

    @classmethod
    async def open(
        cls, at: StoreAddresses, topic: str, *, back: int, known: Standing | None = None
    ) -> EventTail:
        """Follow from `known` on, or, where that is of another topic, from `back` records before
        the end of each partition."""
        name = await topic_id(at, topic)
        count = (await partitions_of(at, [topic]))[topic]
        places: list[Place] = [(topic, p) for p in range(count)]
        tail = await Tail.open(at, dict.fromkeys(places), strict=True)
        try:
            kept = tuple([await tail.position(place) for place in places])
            ends = await tail.ends()
            positions = tuple(
                max(first, ends[place] - back) for place, first in zip(places, kept, strict=True)
            )
            if known is not None and known.topic_id == name:
                stood = (*known.positions, *kept[len(known.positions) :])
                if all(a >= b for a, b in zip(stood, kept, strict=True)):
                    positions = stood
            for place, position in zip(places, positions, strict=True):
                tail.seek(place, position)
        except BaseException:
            await tail.close()
            raise
        return cls(at, topic, tail, Standing(name, positions, kept))

    async def read(self, most: int) -> tuple[list[Record], tuple[int, ...]]:
        """What has come, those of each partition in order, and where the tail stands after it.

        Raises TopicReplaced.
        """
        found = await self._tail.read(most)
        for (_, partition), records in found.items():
            if records and records[0].offset < self._positions[partition]:
                raise TopicReplaced
        for partition in range(len(self._positions)):
            self._positions[partition] = await self._tail.position((self._topic, partition))
        if time.monotonic() - self._checked > CHECK_SECONDS:
            await self._check()
        lists: Sequence[list[Record]] = list(found.values())
        merged = list(heapq.merge(*lists, key=lambda record: record.timestamp))
        return merged, tuple(self._positions)

    async def ends(self) -> tuple[int, ...]:
        """The offset after the last committed record of each partition."""
        found = await self._tail.ends()
        return tuple(found[self._topic, p] for p in range(len(self._positions)))

    async def close(self) -> None:
        await self._tail.close()

    async def _check(self) -> None:
        self._checked = time.monotonic()
        try:
            name = await topic_id(self._at, self._topic)
        except StoreUnavailable:
            return
        if name != self.standing.topic_id:
            raise TopicReplaced
