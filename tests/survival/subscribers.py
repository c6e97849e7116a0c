"""Subscribers over WebSocket and SSE that come again with their last cursor, to any process."""

from __future__ import annotations

import asyncio
import random
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

QUERY = (
    "subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) "
    "{ cursor left event { id version } } }"
)
PASSING = {"STORE_UNAVAILABLE", "OVERLOADED", "READER_TOO_SLOW", "SHUTTING_DOWN"}
"""Codes after which a client goes on from its cursor."""
SILENCE = 5.0
"""Seconds without a word (heartbeats come every second) after which a connection is given up."""
LOST = (OSError, TimeoutError, WebSocketException, InvalidHandshake, httpx.HTTPError)

Delivery = tuple[str, int, bool]
"""Event, version, left."""


class Lost(Exception):
    """The stream has ended; come again."""


class Subscriber:
    """One filter, followed for ever; `got` is everything that came."""

    def __init__(
        self, name: str, urls: Sequence[str], token: str, given: dict[str, Any] | None, seed: int
    ) -> None:
        self.name = name
        self.filter = given
        self.got: list[Delivery] = []
        self.cursor: str | None = None
        self.connections = 0
        self.went_back = 0
        """Messages whose cursor lay before the one of the message before."""
        self.faults: list[str] = []
        self._urls = urls
        self._token = token
        self._random = random.Random(seed)
        self._task: asyncio.Task[None] | None = None
        self._left = 0

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def end(self) -> None:
        """Disconnect."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def offsets(self) -> list[int]:
        """What its cursor says of the log: per partition, all before this offset was got."""
        return offsets_of(self.cursor) if self.cursor else []

    async def _run(self) -> None:
        while True:
            url = self._random.choice(self._urls)
            self._left = self._random.randint(20, 2_000)
            try:
                async with aclosing(self.messages(url)) as found:
                    async for payload in found:
                        self._take(payload)
            except (Lost, *LOST):
                pass
            except Exception as error:
                self.faults.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(0.1)

    def messages(self, url: str) -> AsyncIterator[dict[str, Any]]:
        """The execution results of one connection. Raises Lost or one of LOST."""
        raise NotImplementedError

    def _take(self, payload: dict[str, Any]) -> None:
        if payload.get("errors"):
            self.refused(payload["errors"])
        delivery = payload["data"]["events"]
        before, self.cursor = self.cursor, delivery["cursor"]
        if before is not None and before != self.cursor:
            here = offsets_of(delivery["cursor"])
            self.went_back += any(a < b for a, b in zip(here, offsets_of(before), strict=True))
        event = delivery["event"]
        if event is not None:
            self.got.append((event["id"], event["version"], delivery["left"]))
            self._left -= 1
            if not self._left:
                raise Lost

    def refused(self, errors: list[dict[str, Any]]) -> None:
        """The stream ends with errors. One that tells a cursor means: go on from there."""
        told = errors[0].get("extensions", {})
        if told.get("code") not in PASSING:
            self.faults.append(str(errors[0])[:300])
        if told.get("cursor") and self._random.random() < 0.5:
            self.cursor = told["cursor"]
        raise Lost


class SocketSubscriber(Subscriber):
    """graphql-transport-ws."""

    async def messages(self, url: str) -> AsyncIterator[dict[str, Any]]:  # type: ignore[override]
        async with connect(
            url.replace("http", "ws") + "/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            proxy=None,
            compression=None,
            open_timeout=SILENCE,
            close_timeout=1,
            ping_interval=None,
        ) as connection:
            self.connections += 1
            init = {"type": "connection_init", "payload": {"Authorization": self._token}}
            await connection.send(orjson.dumps(init).decode())
            variables = {"filter": self.filter, "after": self.cursor}
            asked = {"query": QUERY, "variables": variables}
            while True:
                async with asyncio.timeout(SILENCE):
                    message = orjson.loads(await connection.recv())
                kind = message["type"]
                if kind == "connection_ack":
                    told = {"type": "subscribe", "id": "1", "payload": asked}
                    await connection.send(orjson.dumps(told).decode())
                elif kind == "next":
                    yield message["payload"]
                elif kind == "error":
                    self.refused(message["payload"])
                elif kind == "complete":
                    self.faults.append("complete, though nothing was to end")
                    raise Lost


class SseSubscriber(Subscriber):
    """GraphQL over SSE, distinct connections."""

    async def messages(self, url: str) -> AsyncIterator[dict[str, Any]]:  # type: ignore[override]
        headers = {"Accept": "text/event-stream", "Authorization": self._token}
        if self.cursor:
            headers["Last-Event-ID"] = self.cursor
        asked = {"query": QUERY, "variables": {"filter": self.filter}}
        async with (
            httpx.AsyncClient(timeout=SILENCE, trust_env=False) as client,
            client.stream("POST", f"{url}/graphql", json=asked, headers=headers) as response,
        ):
            if response.status_code != 200:
                body = await response.aread()
                if response.status_code not in (429, 503):
                    self.faults.append(f"{response.status_code}: {body[:300]!r}")
                raise Lost
            self.connections += 1
            kind, identity = "", None
            async for text in response.aiter_lines():
                name, _, value = text.partition(": ")
                if name == "event":
                    kind = value
                elif name == "id":
                    identity = value
                elif name == "data" and kind == "complete":
                    self.faults.append("complete, though nothing was to end")
                    raise Lost
                elif name == "data" and value:
                    payload = orjson.loads(value)
                    if not payload.get("errors"):
                        assert identity == payload["data"]["events"]["cursor"]
                    yield payload


def offsets_of(cursor: str) -> list[int]:
    """The offsets in a cursor of events; clients have no business to know them."""
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    found: list[int] = orjson.loads(raw[8:])[2]
    return found
