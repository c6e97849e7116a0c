"""Writing to Kafka in transactions: records and consumed offsets become visible together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Place, end, kafka_outage, make_producer

Rows = Sequence[tuple[bytes | None, bytes | None]]
"""Pairs of key and value, in order; a value of None is a tombstone."""

BATCH_BYTES = 500_000
LARGEST_BYTES = 8_000_000
"""Longest message; dead letters may be longer than what died."""


class Transactions:
    """A producer of one transactional id. After any error it is good for closing only."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    async def open(
        cls, at: StoreAddresses, transactional_id: str, *, timeout_ms: int = 60_000
    ) -> Transactions:
        """Fence every older producer of the id, end what it had begun. Raises StoreUnavailable."""
        producer = await make_producer(
            at,
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_BYTES,
        )
        return cls(producer)

    async def commit(
        self,
        records: Mapping[Place, Rows],
        offsets: Mapping[Place, int] | None = None,
        group: str | None = None,
    ) -> dict[Place, int]:
        """Write all records and consumed offsets (the next to read) of `group`, or none.

        Gives, for each partition, the offset after its last record. Raises Fenced, StoreUnavailable
        or KafkaError: the transaction is then void, or stands, as the next producer of this id
        will find.
        """
        producer = self._producer
        sent: list[tuple[Place, int, asyncio.Future[object]]] = []
        try:
            with kafka_outage():
                await producer.begin_transaction()
                for place, rows in records.items():
                    await self._send(place, rows, sent)
                if offsets:
                    named = {TopicPartition(*place): at for place, at in offsets.items()}
                    await producer.send_offsets_to_transaction(named, group)
                after = {}
                for place, count, future in sent:
                    written = await future
                    after[place] = written.offset + count  # type: ignore[attr-defined]
                await producer.commit_transaction()
                return after
        finally:
            for _, _, future in sent:
                future.add_done_callback(_seen)

    async def _send(
        self, place: Place, rows: Rows, sent: list[tuple[Place, int, asyncio.Future[object]]]
    ) -> None:
        topic, partition = place
        producer = self._producer
        batch = producer.create_batch()
        for key, value in rows:
            if batch.append(key=key, value=value, timestamp=None) is None:
                future = await producer.send_batch(batch, topic, partition=partition)
                sent.append((place, batch.record_count(), future))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        if batch.record_count():
            future = await producer.send_batch(batch, topic, partition=partition)
            sent.append((place, batch.record_count(), future))

    async def close(self) -> None:
        """End the producer; an open transaction is left to the next one of this id."""
        await end(self._producer)


def _seen(future: asyncio.Future[object]) -> None:
    """Take note of a failure that was told already."""
    if not future.cancelled():
        future.exception()
