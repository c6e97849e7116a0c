"""A receiver of webhooks on this machine, which checks what comes and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook


@dataclass
class Got:
    """One request, and what it was answered."""

    headers: dict[str, str]
    body: bytes
    path: str
    status: int = 0

    @property
    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> tuple[str, str, int]:
        """Camera, event and version."""
        event = self.message["data"]["event"]
        return event["camera"], event["id"], event["version"]


@dataclass
class Answer:
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    body: bytes = b""


@dataclass
class Receiver:
    """What came, in the order in which it was answered."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """Each must verify every signature."""
    answer: Callable[[Got], Answer] = lambda got: Answer()
    most_at_once: int = 0
    _now: int = 0
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=tests"

    @property
    def taken(self) -> list[Got]:
        """What was answered 2xx."""
        return [got for got in self.got if 200 <= got.status < 300]

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while self._server is not None:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                pairs = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                if self._server is None:
                    break
                got = Got(headers, body, head[0])
                for secret in self.secrets:
                    Webhook(secret).verify(body, headers)
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                answer = self.answer(got)
                await asyncio.sleep(answer.delay)
                self._now -= 1
                got.status = answer.status
                self.got.append(got)
                lines = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {len(answer.body)}"]
                lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving(answer: Callable[[Got], Answer] | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    if answer is not None:
        receiver.answer = answer
    await receiver.up()
    try:
        yield receiver
    finally:
        await receiver.down()


def check_order(taken: list[Got]) -> int:
    """First deliveries come in order per camera: by number, as `fill` counts. Gives repeats."""
    seen: set[str] = set()
    last: dict[str, int] = {}
    repeats = 0
    for got in taken:
        if got.id in seen:
            repeats += 1
            continue
        seen.add(got.id)
        camera, _, _ = got.event
        number = got.message["data"]["event"]["attributes"]["number"]
        assert number > last.get(camera, -1), (camera, number, last[camera])
        last[camera] = number
    return repeats
