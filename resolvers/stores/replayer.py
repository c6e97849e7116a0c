"""Putting messages on Kafka again, together with the note that this was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import end, kafka_outage, make_producer


@dataclass(frozen=True, slots=True)
class Again:
    """One message. Without a partition the key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = field(default=())
    partition: int | None = None


class Replayer:
    """A transactional producer; a later one of the same id fences it."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    async def open(cls, at: StoreAddresses, transactional_id: str, largest: int) -> Replayer:
        """Take over the id. `largest` bounds a message, in bytes. Raises StoreUnavailable."""
        return cls(
            await make_producer(at, transactional_id=transactional_id, max_request_size=largest)
        )

    async def write(self, messages: Sequence[Again]) -> None:
        """All of them, or none. Raises Fenced, StoreUnavailable or KafkaError."""
        with kafka_outage():
            async with self._producer.transaction():
                for each in messages:
                    await self._producer.send(
                        each.topic,
                        each.value,
                        key=each.key,
                        partition=each.partition,
                        headers=list(each.headers),
                    )

    async def close(self) -> None:
        """Give the connections back."""
        await end(self._producer)
