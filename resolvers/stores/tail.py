"""Reading partitions of Kafka from given offsets, without a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.commit import OffsetFetchRequest

from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Place, admin, end, kafka_outage, make_consumer


class Record(Protocol):
    """A message as Kafka gives it; `timestamp` is Unix time in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Tail:
    """Partitions read in order, only what is committed."""

    def __init__(self, consumer: AIOKafkaConsumer, places: Sequence[Place]) -> None:
        self._consumer = consumer
        self._partitions = [TopicPartition(*place) for place in places]

    @classmethod
    async def open(
        cls,
        at: StoreAddresses,
        offsets: Mapping[Place, int | None],
        *,
        wait_ms: int = 500,
        strict: bool = False,
    ) -> Tail:
        """Read on from these offsets; None is the beginning, and so is one that Kafka has no more,
        unless `strict`: then reading raises aiokafka's OffsetOutOfRangeError.

        Raises StoreUnavailable.
        """
        reset = "none" if strict else "earliest"
        consumer = await make_consumer(at, fetch_max_wait_ms=wait_ms, auto_offset_reset=reset)
        tail = cls(consumer, list(offsets))
        try:
            with kafka_outage():
                consumer.assign(tail._partitions)
                for place, offset in offsets.items():
                    partition = TopicPartition(*place)
                    if offset is None:
                        await consumer.seek_to_beginning(partition)
                    else:
                        consumer.seek(partition, offset)
        except BaseException:
            await end(consumer)
            raise
        return tail

    async def read(self, most: int, *, seconds: float = 0.5) -> dict[Place, list[Record]]:
        """What has come, at most `most` records together; waits `seconds` for the first.

        Raises StoreUnavailable where Kafka says so; while it is away nothing comes.
        """
        with kafka_outage():
            found = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=most)
        return {(at.topic, at.partition): records for at, records in found.items()}

    async def ends(self) -> dict[Place, int]:
        """The offset after the last committed record (or marker) of each partition."""
        with kafka_outage():
            found = await self._consumer.end_offsets(self._partitions)
        return {(at.topic, at.partition): offset for at, offset in found.items()}

    async def position(self, place: Place) -> int:
        """The next offset to read."""
        with kafka_outage():
            return int(await self._consumer.position(TopicPartition(*place)))

    def seek(self, place: Place, offset: int) -> None:
        """Read on from an offset."""
        self._consumer.seek(TopicPartition(*place), offset)

    async def close(self) -> None:
        """Give the connection back."""
        await end(self._consumer)


async def read_all(at: StoreAddresses, place: Place) -> AsyncIterator[list[Record]]:
    """Every committed record of a partition from its beginning to its present end, in pages."""
    tail = await Tail.open(at, {place: None}, wait_ms=100)
    try:
        last = (await tail.ends())[place]
        while await tail.position(place) < last:
            page = (await tail.read(5000, seconds=0.2)).get(place)
            if page:
                yield page
    finally:
        await tail.close()


async def ends_of(at: StoreAddresses, places: Sequence[Place]) -> dict[Place, int]:
    """The offset after the last committed record of each partition. Raises StoreUnavailable."""
    tail = await Tail.open(at, dict.fromkeys(places, 0))
    try:
        return await tail.ends()
    finally:
        await tail.close()


async def last_record(at: StoreAddresses, place: Place) -> Record | None:
    """The last committed record of a partition; None where there is none.

    Raises StoreUnavailable.
    """
    tail = await Tail.open(at, {place: None}, wait_ms=100)
    try:
        first, end = await tail.position(place), (await tail.ends())[place]
        back = 100
        while True:
            start = max(first, end - back)
            tail.seek(place, start)
            last: Record | None = None
            while await tail.position(place) < end:
                for record in (await tail.read(5000, seconds=0.2)).get(place, ()):
                    last = record
            if last is not None or start == first:
                return last
            back *= 100
    finally:
        await tail.close()


async def after_last(at: StoreAddresses, place: Place) -> int:
    """The offset after the last committed record of a partition, or 0; markers do not count.

    Raises StoreUnavailable.
    """
    last = await last_record(at, place)
    return 0 if last is None else last.offset + 1


async def committed(
    at: StoreAddresses, group: str, places: Sequence[Place]
) -> dict[Place, int | None]:
    """The next offsets to read that a group has committed, asked of Kafka now; None where none.

    Raises StoreUnavailable.
    """
    topics: dict[str, list[int]] = {}
    for topic, partition in places:
        topics.setdefault(topic, []).append(partition)
    offsets: dict[Place, int | None] = dict.fromkeys(places)
    async with admin(at) as client:
        node = await client.find_coordinator(group)
        request = OffsetFetchRequest(group, list(topics.items()))
        answer = await client._send_request(request, node)
        for topic, partitions in answer.topics:
            for partition, offset, _, error in partitions:
                if error:
                    raise StoreUnavailable(
                        "Kafka does not know a group's offsets yet; try again later", store="kafka"
                    )
                offsets[topic, partition] = offset if offset >= 0 else None
    return offsets
