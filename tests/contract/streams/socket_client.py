"""A client of graphql-transport-ws made of the library `websockets`, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.contract.service import Service

EVENTS = (
    "subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) "
    "{ cursor left event { id version } } }"
)


class Client:
    """Sends and receives the protocol's messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, **more: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **more}))

    async def receive(self, seconds: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            message: dict[str, Any] = json.loads(await self.connection.recv())
            return message

    async def subscribe(self, identity: str, query: str = EVENTS, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send("subscribe", id=identity, payload=payload)

    async def delivery(self, seconds: float = 10) -> dict[str, Any]:
        """The next delivery: cursor, event, left."""
        message = await self.receive(seconds)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        found: dict[str, Any] = next(iter(message["payload"]["data"].values()))
        return found

    async def events(self, count: int, seconds: float = 20) -> list[dict[str, Any]]:
        """So many deliveries that are no heartbeats."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                each = await self.delivery(seconds)
                if each["event"] is not None:
                    found.append(each)
        return found

    async def closed(self, seconds: float = 10) -> tuple[int, str]:
        """Code and reason of the close that the hub sends, whatever comes before it."""
        async with asyncio.timeout(seconds):
            with suppress(ConnectionClosed):
                async for _ in self.connection:
                    pass
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def bare(service: Service, **options: Any) -> AsyncIterator[Client]:
    """A connection that was accepted, before connection_init."""
    url = service.url.replace("http", "ws") + "/graphql"
    given: dict[str, Any] = {"subprotocols": ["graphql-transport-ws"], "proxy": None}
    given |= {"max_queue": None, "max_size": None} | options
    async with connect(url, **given) as connection:
        yield Client(connection)


@asynccontextmanager
async def connected(service: Service, subject: str = "li", **options: Any) -> AsyncIterator[Client]:
    """A connection after connection_init with a token."""
    async with bare(service, **options) as client:
        token = f"Bearer {service.token(subject)}"
        await client.send("connection_init", payload={"Authorization": token})
        assert (await client.receive())["type"] == "connection_ack"
        yield client
