"""A subscription as one writes it with Strawberry alone, to be compared with: an async generator
for each subscriber, which filters what one shared consumer of the topic puts into its queue.

    python -m tests.benchmarks.plain_strawberry PORT TOPIC
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
import uvicorn
from aiokafka import AIOKafkaConsumer
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

queues: set[asyncio.Queue[tuple[str, dict[str, Any]]]] = set()


@strawberry.type
class Event:
    id: strawberry.ID
    version: int
    type: str
    phase: str
    status: str
    opened_at: str
    updated_at: str
    confidence: float
    rule: str


@strawberry.type
class EventDelivery:
    cursor: str
    left: bool
    event: Event


@strawberry.type
class Query:
    ok: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def events(
        self, grid: str | None = None, within: str | None = None, type: str | None = None
    ) -> AsyncGenerator[EventDelivery]:
        queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        queues.add(queue)
        try:
            while True:
                cursor, doc = await queue.get()
                if grid is not None and doc["grid"] != grid:
                    continue
                if within is not None and within not in doc["path"]:
                    continue
                if type is not None and doc["type"] != type:
                    continue
                yield EventDelivery(
                    cursor=cursor,
                    left=False,
                    event=Event(
                        id=strawberry.ID(doc["id"]),
                        version=doc["version"],
                        type=doc["type"],
                        phase=doc["phase"],
                        status=doc["status"],
                        opened_at=doc["openedAt"],
                        updated_at=doc["updatedAt"],
                        confidence=doc["confidence"],
                        rule=doc["rule"],
                    ),
                )
        finally:
            queues.discard(queue)


def application(kafka: dict[str, Any], topic: str) -> Starlette:
    """The server."""

    async def consume() -> None:
        consumer = AIOKafkaConsumer(
            topic,
            **kafka,
            isolation_level="read_committed",
            auto_offset_reset="latest",
        )
        await consumer.start()
        async for record in consumer:
            told = f"{record.partition}:{record.offset}", json.loads(record.value)
            for queue in queues:
                queue.put_nowait(told)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, gc.collect)
        consuming = asyncio.create_task(consume())
        yield
        consuming.cancel()

    schema = strawberry.Schema(Query, subscription=Subscription)
    app = Starlette(lifespan=lifespan)
    graphql = GraphQL[None, None](schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
    app.mount("/graphql", graphql)
    return app


if __name__ == "__main__":
    port, topic = sys.argv[1:]
    app = application(json.loads(os.environ["KAFKA"]), topic)
    uvicorn.run(app, port=int(port), loop="uvloop", log_level="warning", backlog=4096)
