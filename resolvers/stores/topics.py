"""Topics of Kafka: making those that are missing, and the id that Kafka gave one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import admin, raw_client

COPIES = 3
"""Most copies of a partition; fewer where there are fewer brokers."""


@dataclass(frozen=True)
class Topic:
    """A topic as it should be made; `configuration` in Kafka's own words."""

    name: str
    partitions: int
    configuration: Mapping[str, str] = field(default_factory=dict)


async def ensure_topics(at: StoreAddresses, topics: Sequence[Topic]) -> dict[str, int]:
    """Make the topics that are not there; gives the partitions that each has.

    One that is there stays as it is. Raises StoreUnavailable.
    """
    async with admin(at) as client:
        known = set(await client.list_topics())
        missing = [topic for topic in topics if topic.name not in known]
        if missing:
            brokers = len((await client.describe_cluster())["brokers"])
            copies = min(COPIES, brokers)
            safe = {"min.insync.replicas": "2"} if copies >= COPIES else {}
            answer = await client.create_topics(
                [
                    NewTopic(
                        topic.name,
                        topic.partitions,
                        copies,
                        topic_configs=safe | dict(topic.configuration),
                    )
                    for topic in missing
                ]
            )
            for name, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(f"topic {name} could not be made")
    return await partitions_of(at, [topic.name for topic in topics])


async def partitions_of(at: StoreAddresses, names: Sequence[str]) -> dict[str, int]:
    """How many partitions each topic has, once all have leaders. Raises StoreUnavailable."""
    async with admin(at) as client:
        while True:
            found = await client.describe_topics(list(names))
            if all(_ready(each) for each in found):
                return {each["topic"]: len(each["partitions"]) for each in found}
            await asyncio.sleep(0.1)


def _ready(topic: dict[str, Any]) -> bool:
    leaders = [partition["leader"] for partition in topic["partitions"]]
    return not topic["error_code"] and bool(leaders) and min(leaders) >= 0


async def topic_id(at: StoreAddresses, name: str) -> str:
    """The id that Kafka gave a topic when it was made: 32 hexadecimal digits.

    One that is deleted and made again has another. Raises StoreUnavailable, also where there is no
    such topic.
    """
    async with raw_client(at) as client:
        node = client.get_random_node()
        answer = await client.send(node, _TopicIdRequest(name))
        error, _, found, *_ = answer.topics[0]
        if error:
            raise UnknownTopicOrPartitionError(name)
        return str(found.hex())


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]
    """16 bytes."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _MetadataResponse(Response):  # type: ignore[misc]
    """Metadata, version 12: the first stable one that tells topics' ids (aiokafka has up to 5)."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequest(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)
            ),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIdRequest(Request[_MetadataRequest]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        return request_struct_class([(bytes(16), self._name, {})], False, False, {})
