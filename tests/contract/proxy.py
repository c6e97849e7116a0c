"""A TCP proxy that can be cut, to take a store away from a hub and give it back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """Passes bytes between its own port and a target while it is plugged in."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = 0
        self._plugged = True
        self._ends: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._plugged = False
        for end in self._ends:
            end.transport.abort()

    def plug_in(self) -> None:
        """Let connections through again."""
        self._plugged = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._plugged:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_connection(*self.target)
        ends = {writer, there_writer}
        self._ends |= ends
        ways = (pump(reader, there_writer), pump(there_reader, writer))
        await asyncio.gather(*ways)
        self._ends -= ends


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def cable(host: str, port: int) -> AsyncIterator[Cable]:
    """A cable to a server, for the length of the block."""
    found = Cable(host, port)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.cut()
        server.close()
        await server.wait_closed()
