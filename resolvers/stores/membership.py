"""Being one of a group of processes that share partitions; the reading is done elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import end, kafka_outage, make_consumer

LONG = 2**31 - 1


class Membership:
    """A member of a consumer group on topics with equally many partitions.

    A number is given to one member, for all topics at once. `given` is told the numbers whenever
    Kafka has shared them out; until it is told again they may be kept, for whoever writes must be
    fenced by those who come after anyhow.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    @classmethod
    async def join(
        cls,
        at: StoreAddresses,
        group: str,
        topics: Sequence[str],
        given: Callable[[frozenset[int]], None],
        *,
        session: float = 10.0,
    ) -> Membership:
        """Join the group; a member unheard of for `session` seconds (6 or more) is dropped.

        Raises StoreUnavailable.
        """
        consumer = await make_consumer(
            at,
            group_id=group,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=int(session * 1000),
            heartbeat_interval_ms=int(session * 1000 / 5),
            max_poll_interval_ms=LONG,
        )
        try:
            consumer.subscribe(topics=list(topics), listener=_Listener(consumer, given))
        except BaseException:
            await end(consumer)
            raise
        return cls(consumer)

    async def stay(self) -> None:
        """Be a member for ever. Raises StoreUnavailable or KafkaError where that fails."""
        while True:
            with kafka_outage():  # all is paused: nothing comes but errors
                await self._consumer.getmany(timeout_ms=1000)

    async def leave(self) -> None:
        """Give the partitions to the others."""
        await end(self._consumer)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: AIOKafkaConsumer, given: Callable[[frozenset[int]], None]) -> None:
        self._consumer = consumer
        self._given = given

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        pass

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._consumer.pause(*assigned)
        self._given(frozenset(at.partition for at in assigned))
