"""Many subscribers in one process: speaks graphql-transport-ws, counts messages, keeps times.

A process of its own (`python -m tests.benchmarks.subscribers`), told what to do by lines of JSON
on its standard input, each answered by one line:

    {"do": "open", "port": …, "path": …, "token": …, "group": […], "count": …, "greeted": …}
    {"do": "count"}                                     begin to count from 0
    {"do": "wait", "messages": …, "seconds": …}         until so many came, or the time is over
    {"do": "idle"}                                      what it has used so far

`group` are subscriptions (query, variables), given to the connections in turn. A message counts
that holds MARK, and its latency is the time since the instant after it: nanoseconds of the
machine's monotonic clock, which all processes share. Nothing is parsed beyond the frames.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from array import array
from typing import Any, cast

import psutil
import uvloop

MARK = b'"rule":"t'
DIGITS = 20
ADDRESSES = 8
"""Loopback addresses that connections come from, so that ports suffice."""
AT_ONCE = 100
"""Connections that are opened together."""
BUFFER = bytearray(1 << 20)
VIEW = memoryview(BUFFER)
MASK = b"\0\0\0\0"


class Tally:
    """What all connections have got."""

    def __init__(self) -> None:
        self.begin()
        self.lost = 0

    def begin(self) -> None:
        self.messages = 0
        self.first = self.last = 0
        self.took = array("q")
        self.used = used()

    def told(self) -> dict[str, Any]:
        took = sorted(self.took)
        return {
            "messages": self.messages,
            "seconds": (self.last - self.first) / 1e9,
            "last": self.last,
            "p50_ms": took[len(took) // 2] / 1e6 if took else None,
            "p99_ms": took[len(took) * 99 // 100] / 1e6 if took else None,
            "longest_ms": took[-1] / 1e6 if took else None,
            "cpu_seconds": used() - self.used,
            "lost_connections": self.lost,
        }


class Subscriber(asyncio.BufferedProtocol):
    """One connection with one subscription."""

    __slots__ = ("_ask", "_greeted", "_rest", "_tally", "_transport", "ready")

    def __init__(self, request: bytes, ask: list[bytes], tally: Tally, greeted: bool) -> None:
        self._ask = [request, *ask]
        self._tally = tally
        self._greeted = greeted
        self._rest = b""
        self.ready: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._ask.pop(0))

    def get_buffer(self, sizehint: int) -> memoryview:
        return VIEW

    def buffer_updated(self, size: int) -> None:
        data = BUFFER[:size] if not self._rest else self._rest + VIEW[:size]
        if self.ready is not None and len(self._ask) == 2:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4 or not data.startswith(b"HTTP/1.1 101"):
                self._transport.abort()
                return
            self._transport.write(self._ask.pop(0))
        else:
            at = 0
        self._rest = bytes(data[self._frames(data, at) :])

    def _frames(self, data: bytes | bytearray, at: int) -> int:
        """Take whole frames; gives where the rest begins."""
        end = len(data)
        while end - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if start > end or start + length > end:
                break
            found = data.find(MARK, start, start + length)
            if found < 0:
                self._other(data[at], data[start : start + length])
            else:
                self._count(data, found + len(MARK))
            at = start + length
        return at

    def _count(self, data: bytes | bytearray, at: int) -> None:
        now, tally = time.monotonic_ns(), self._tally
        tally.messages += 1
        tally.last = now
        if tally.first == 0:
            tally.first = now
        tally.took.append(now - int(data[at : at + DIGITS]))

    def _other(self, kind: int, content: bytes | bytearray) -> None:
        if kind == 0x89:
            self._transport.write(bytes((0x8A, 0x80 | len(content))) + MASK + content)
        elif kind == 0x81 and b'"connection_ack"' in content:
            self._transport.write(self._ask.pop())
            if not self._greeted:
                self._is_ready()
        elif kind == 0x81 and b'"ping"' in content:
            self._transport.write(frame({"type": "pong"}))
        elif kind == 0x81 and b'"error' in content:
            print(bytes(content[:500]), file=sys.stderr)
            self._transport.abort()
        elif kind == 0x81:
            self._is_ready()

    def _is_ready(self) -> None:
        if self.ready is not None and not self.ready.done():
            self.ready.set_result(None)
        self.ready = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.lost += 1
        if self.ready is not None and not self.ready.done():
            self.ready.set_exception(ConnectionError("the server ended the connection"))


def frame(message: dict[str, Any]) -> bytes:
    """A message as a client sends it; masked by zeros, which is a mask like any other."""
    content = json.dumps(message).encode()
    size = len(content)
    head = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
    return b"\x81" + head + MASK + content


def used() -> float:
    """Seconds of processor time that this process has used."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


async def open_all(asked: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Open connections, each ready before the answer; those that fail are counted."""
    port, count, began = asked["port"], asked["count"], time.monotonic()
    request = (
        f"GET {asked['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    ).encode()
    payload = {"Authorization": f"Bearer {asked['token']}"}
    begin = frame({"type": "connection_init", "payload": payload})
    subscribe = [
        frame({"id": "1", "type": "subscribe", "payload": each}) for each in asked["group"]
    ]
    room, failed = asyncio.Semaphore(AT_ONCE), 0

    async def one(number: int) -> None:
        nonlocal failed
        async with room:
            try:
                async with asyncio.timeout(60):
                    _, protocol = await asyncio.get_running_loop().create_connection(
                        lambda: Subscriber(
                            request,
                            [begin, subscribe[number % len(subscribe)]],
                            tally,
                            asked["greeted"],
                        ),
                        "127.0.0.1",
                        port,
                        local_addr=(f"127.0.0.{2 + number % ADDRESSES}", 0),
                    )
                    if protocol.ready is not None:
                        await protocol.ready
            except (OSError, TimeoutError):
                failed += 1

    await asyncio.gather(*(one(number) for number in range(count)))
    return {"opened": count - failed, "failed": failed, "seconds": time.monotonic() - began}


async def wait(asked: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Until so many messages came."""
    until = time.monotonic() + asked["seconds"]
    while tally.messages < asked["messages"] and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return tally.told()


async def main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tally = Tally()
    while line := await lines.readline():
        asked = json.loads(line)
        answer: dict[str, Any] = {}
        if asked["do"] == "open":
            answer = await open_all(asked, tally)
        elif asked["do"] == "count":
            tally.begin()
        elif asked["do"] == "wait":
            answer = await wait(asked, tally)
        else:
            answer = tally.told()
        print(json.dumps(answer), flush=True)
    os._exit(0)  # thousands of connections need not be closed one by one


if __name__ == "__main__":
    uvloop.run(main())
