"""Kafka: making clients of it, ending them, and what its failure is called above this layer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, ProducerFenced
from aiokafka.partitioner import murmur2

from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses

Place = tuple[str, int]
"""A partition: the topic's whole name, and its number."""

STARTING = 30.0
"""Seconds a client has to reach Kafka and sign in."""
STOPPING = 5.0
"""Seconds a client has to say goodbye; Kafka may be away."""


class Fenced(Exception):
    """Another producer has taken over this transactional id: what this one began is void."""


@contextmanager
def kafka_outage() -> Iterator[None]:
    """Turn a lost Kafka into StoreUnavailable, and being superseded into Fenced."""
    try:
        yield
    except ProducerFenced as error:
        raise Fenced from error
    except (OSError, KafkaError) as error:  # TimeoutError is an OSError
        lost = isinstance(error, KafkaConnectionError | OSError)
        if not lost and not getattr(error, "retriable", False):
            raise
        raise StoreUnavailable("Kafka is not reachable; try again later", store="kafka") from error


def options_of(at: StoreAddresses) -> dict[str, Any]:
    """What every client needs to reach this Kafka."""
    options = at.kafka_options()
    if at.kafka_tls:
        options["ssl_context"] = ssl.create_default_context()
    return options


@lru_cache(maxsize=100_000)
def partition_of(key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2) gives a key."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


async def make_producer(at: StoreAddresses, **options: Any) -> AIOKafkaProducer:
    """A started producer that waits for all replicas and repeats nothing.

    With `transactional_id`, every older producer of that id is fenced when this returns, and what
    it had begun is ended. Raises StoreUnavailable.
    """
    options = {"enable_idempotence": True, "acks": "all"} | options
    return await _started(AIOKafkaProducer(**options_of(at), **options))


async def make_consumer(
    at: StoreAddresses, *topics: str, starting: float = STARTING, **options: Any
) -> AIOKafkaConsumer:
    """A started consumer that sees what is committed, and commits nothing by itself.

    Raises StoreUnavailable.
    """
    options = {
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
    } | options
    return await _started(AIOKafkaConsumer(*topics, **options_of(at), **options), starting)


@asynccontextmanager
async def admin(at: StoreAddresses) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator for the length of the block. Raises StoreUnavailable."""
    client = AIOKafkaAdminClient(**options_of(at))
    try:
        with kafka_outage():
            async with asyncio.timeout(STARTING):
                await client.start()
            yield client
    finally:
        with suppress(KafkaError, OSError):
            await client.close()


@asynccontextmanager
async def raw_client(at: StoreAddresses) -> AsyncIterator[AIOKafkaClient]:
    """A client that sends requests as they are, for the length of the block."""
    client = AIOKafkaClient(**options_of(at))
    try:
        with kafka_outage():
            async with asyncio.timeout(STARTING):
                await client.bootstrap()
            yield client
    finally:
        with suppress(KafkaError, OSError):
            await client.close()


async def _started(client: Any, seconds: float = STARTING) -> Any:
    try:
        with kafka_outage():
            async with asyncio.timeout(seconds):
                await client.start()
    except BaseException:
        await end(client)
        raise
    return client


async def end(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Stop a producer or consumer, whatever state it and Kafka are in. Raises nothing of Kafka's.

    What a producer has not sent after STOPPING seconds is given up.
    """
    stopping = asyncio.create_task(client.stop())
    done, _ = await asyncio.wait((stopping,), timeout=STOPPING)
    if done:
        with suppress(Exception):
            stopping.result()
        return
    stopping.cancel()
    inner = getattr(client, "client", None) or getattr(client, "_client", None)
    if inner is not None:
        with suppress(Exception, TimeoutError):
            async with asyncio.timeout(STOPPING):
                await inner.close()
    with suppress(Exception, asyncio.CancelledError, TimeoutError):
        async with asyncio.timeout(STOPPING):
            await stopping
