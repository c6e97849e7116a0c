"""A hub whose door for detections leads to the session's Kafka, and a reader of what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from graphql import build_schema

from hub.context import Hub
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from schema.wire import DETECTIONS
from tests.contract.service import SDL, Service, TinyExecutor, nothing_there, serving

PARTITIONS = 6
STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
numbers = count(1)


@dataclass(frozen=True)
class Door:
    """A live hub, the role's token, and its own topic."""

    service: Service
    at: StoreAddresses
    topic: str
    headers: dict[str, str]

    async def post(self, body: Any, media: str = STRUCTURED, **headers: str) -> httpx.Response:
        """Send a body; what is not bytes is written as JSON."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        given = self.headers | {"Content-Type": media}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(base_url=self.service.url, timeout=30) as client:
            return await client.post("/ingest/events", content=content, headers=given)

    async def kept(self) -> list[ConsumerRecord]:
        """All messages on the topic now."""
        return await read_all(self.at, self.topic)


async def read_all(at: StoreAddresses, topic: str) -> list[ConsumerRecord]:
    """All committed messages of a topic, up to where it ends now."""
    consumer = AIOKafkaConsumer(
        **at.kafka_options(), auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    try:
        await consumer._client._wait_on_metadata(topic)
        places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(20):
            while True:
                here = [await consumer.position(place) for place in places]
                if all(at >= ends[place] for at, place in zip(here, places, strict=True)):
                    return found
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
    finally:
        await consumer.stop()


async def make_topic(at: StoreAddresses, name: str, partitions: int = PARTITIONS) -> None:
    admin = AIOKafkaAdminClient(**at.kafka_options())
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1)])
    finally:
        await admin.close()


def door_hub(data: Path, at: StoreAddresses, prefix: str, **settings: Any) -> Hub:
    """A hub over the tiny schema, all of whose stores are away but Kafka."""
    away = nothing_there()
    kafka = {name: getattr(at, name) for name in ("kafka_servers", "kafka_user", "kafka_password")}
    return Hub(
        Settings(data=data, topic_prefix=prefix, probe_seconds=0.5, **settings),
        build_schema(SDL),
        make_executor=lambda settings, schema, *rest: TinyExecutor(schema),
        at=replace(away, **kafka),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(
    store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    """A door to a topic of the module's own."""
    prefix = f"door{next(numbers)}."
    await make_topic(store_addresses, prefix + DETECTIONS)
    hub = door_hub(tmp_path_factory.mktemp("door"), store_addresses, prefix, ingest_seconds=1.5)
    with serving(hub) as service:
        headers = service.signed_in(roles=["detector"])
        yield Door(service, store_addresses, prefix + DETECTIONS, headers)


def event(number: int = 1, /, **changes: Any) -> dict[str, Any]:
    """A good CloudEvent in its JSON form; `data` is merged, None leaves an attribute out."""
    data = {
        "type": "GARBAGE_PILE",
        "zone": "kerb",
        "startedAt": "2026-01-31T08:00:00+08:00",
        "confidence": 0.75,
        "rule": "garbage",
        "ruleVersion": "3",
        "attributes": {"bags": number},
    } | changes.pop("data", {})
    made = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "https://vendor.example/box/7",
        "type": "city.hub.detection.seen",
        "subject": f"CAM{number:04}",
        "time": "2026-01-31T08:00:05+08:00",
        "datacontenttype": "application/json",
        "data": {name: value for name, value in data.items() if value is not None},
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def faults(answer: httpx.Response) -> Iterator[tuple[int, str]]:
    """The (index, place) of each fault of an answer."""
    for each in answer.json()["errors"]:
        assert each["extensions"]["code"] == "BAD_USER_INPUT", each
        assert each["message"].endswith("and send the whole request again")
        yield each["extensions"]["index"], each["extensions"]["at"]
