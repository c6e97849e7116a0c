"""A small HTTP/1.1 client that costs little beside what it measures: one connection, keep-alive."""

from __future__ import annotations

import asyncio
import time

import orjson


class Connection:
    """One keep-alive connection that posts GraphQL requests."""

    def __init__(
        self, host: str, port: int, token: str, path: str = "/graphql", extra: str = ""
    ) -> None:
        self._at = (host, port)
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{extra}"
            "Content-Type: application/json\r\n"
            "Accept: application/graphql-response+json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: "
        ).encode()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._at)

    async def post(self, body: bytes) -> bytes:
        """The body of a 200 answer. Raises RuntimeError for any other."""
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at : lower.index(b"\r\n", at)])
        answer = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or b'"errors"' in answer[:60]:
            raise RuntimeError((head[:60] + answer[:500]).decode())
        return answer

    def close(self) -> None:
        self._writer.close()


async def timed(
    host: str,
    port: int,
    token: str,
    bodies: list[bytes],
    connections: int,
    seconds: float,
    path: str = "/graphql",
    extra: str = "",
) -> tuple[list[float], float]:
    """Milliseconds of each request, and requests a second, over `connections` at once."""
    pool = [Connection(host, port, token, path, extra) for _ in range(connections)]
    for each in pool:
        await each.open()
    took: list[float] = []
    end = time.perf_counter() + seconds
    began = time.perf_counter()

    async def work(connection: Connection, offset: int) -> None:
        i = offset
        while (at := time.perf_counter()) < end:
            await connection.post(bodies[i % len(bodies)])
            took.append((time.perf_counter() - at) * 1000)
            i += connections

    await asyncio.gather(*(work(each, i) for i, each in enumerate(pool)))
    rate = len(took) / (time.perf_counter() - began)
    for each in pool:
        each.close()
    return took, rate


def body_of(text: str, variables: dict[str, object]) -> bytes:
    """A request's body."""
    return orjson.dumps({"query": text, "variables": variables})
