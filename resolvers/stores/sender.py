"""Messages put on Kafka for callers who wait until all of them are kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    UnknownTopicOrPartitionError,
)

from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import options_of
from resolvers.stores.topics import Topic, ensure_topics

log = structlog.get_logger("hub.sender")

MOST_WAITING = 64_000_000
"""Bytes of messages that may wait for Kafka in one process, so that an outage costs no memory."""
BATCH_BYTES = 128_000
STOP_SECONDS = 5.0
PASSING = (KafkaTimeoutError, KafkaConnectionError, UnknownTopicOrPartitionError)
"""What a producer gets over by itself."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: the key decides the partition (Kafka's murmur2, as everywhere)."""

    topic: str
    key: bytes
    value: bytes


class Sender:
    """One idempotent producer of a process, made at first need and anew when it broke.

    It outlives brokers: what waits is sent when they are back. A message whose sender was told
    that it is not kept may be kept all the same, later; so it must be harmless to repeat.
    """

    def __init__(
        self,
        at: StoreAddresses,
        *,
        topics: Sequence[Topic] = (),
        seconds: float = 10,
        most: int = MOST_WAITING,
    ) -> None:
        """`topics` are made at first need where they are missing."""
        self._topics = topics
        self._at = at
        self._seconds = seconds
        self._most = most
        self._waiting = 0
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Put messages on their topics, and return when Kafka has acknowledged all of them.

        Raises StoreUnavailable if it does not in time (`seconds`), or if too many wait already.
        """
        size = sum(len(each.key) + len(each.value) for each in messages)
        if self._waiting and self._waiting + size > self._most:
            raise StoreUnavailable(
                "too many messages wait for Kafka already; try again later", store="kafka"
            )
        self._waiting += size
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._started()
                await _put(producer, messages)
        except (KafkaError, TimeoutError, OSError) as error:
            if isinstance(error, KafkaError) and not isinstance(error, PASSING):
                self._replace(producer, error)
            raise StoreUnavailable(
                "Kafka has not acknowledged in time; send the same again later", store="kafka"
            ) from error
        finally:
            self._waiting -= size

    async def close(self) -> None:
        """Send what waits, for some seconds at most, and give the connections back."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)
        await asyncio.gather(*self._ending)

    def _replace(self, broken: AIOKafkaProducer | None, error: KafkaError) -> None:
        """Let the next message have a new producer, if this one is still in use."""
        if broken is None or broken is not self._producer:
            return
        log.warning("the producer broke", error=f"{type(error).__name__}: {error}")
        self._producer = None
        task = asyncio.create_task(_stop(broken), name="stop producer")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                await ensure_topics(self._at, self._topics)
                producer = AIOKafkaProducer(
                    **options_of(self._at),
                    enable_idempotence=True,
                    acks="all",
                    max_batch_size=BATCH_BYTES,
                    request_timeout_ms=5_000,
                    retry_backoff_ms=200,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _stop(producer)
                    raise
                self._producer = producer
            return self._producer


async def _put(producer: AIOKafkaProducer, messages: Sequence[Outgoing]) -> None:
    kept: list[asyncio.Future[object]] = []
    try:
        for each in messages:
            kept.append(await producer.send(each.topic, key=each.key, value=each.value))
        await asyncio.gather(*kept)
    except BaseException:
        for future in kept:  # the first has told it; the loop is not to complain of the others
            future.add_done_callback(_seen)
        raise


def _seen(future: asyncio.Future[object]) -> None:
    if not future.cancelled():
        future.exception()


async def _stop(producer: AIOKafkaProducer) -> None:
    """End a producer, whether or not Kafka answers."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except (KafkaError, TimeoutError, OSError):
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            async with asyncio.timeout(STOP_SECONDS):
                await producer._sender.close()
                await producer.client.close()
