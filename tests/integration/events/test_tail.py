"""Following a topic of which Kafka forgets the beginning."""

from __future__ import annotations

import secrets

import pytest
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_tail import EventTail, Standing
from resolvers.stores.kafka import admin
from resolvers.stores.sender import Outgoing, Sender
from resolvers.stores.topics import Topic, ensure_topics, topic_id


async def test_what_kafka_has_forgotten_is_not_passed_over(store_addresses: StoreAddresses) -> None:
    """A tail that stands before the first record says so, and one opened anew knows the gap."""
    name = f"tail-{secrets.token_hex(4)}"
    await ensure_topics(store_addresses, [Topic(name, 1)])
    sender = Sender(store_addresses)
    tail = await EventTail.open(store_addresses, name, back=0)
    try:
        await sender.send([Outgoing(name, b"k", str(i).encode()) for i in range(30)])
        async with admin(store_addresses) as client:
            deletion = {TopicPartition(name, 0): RecordsToDelete(before_offset=10)}
            await client.delete_records(deletion)
        tail._tail.seek((name, 0), 0)  # as if it had not read the first ten yet
        with pytest.raises(OffsetOutOfRangeError):
            await read_for_long(tail)
        standing = Standing(await topic_id(store_addresses, name), (0,), (0,))
        again = await EventTail.open(store_addresses, name, back=1_000, known=standing)
        assert again.standing.positions == (10,)
        read = [record.offset for record in (await again.read(100))[0]]
        assert read == list(range(10, 30))
        await again.close()
    finally:
        await tail.close()
        await sender.close()


async def read_for_long(tail: EventTail) -> None:
    for _ in range(20):
        await tail.read(100)
