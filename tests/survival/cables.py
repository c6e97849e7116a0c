"""Cables between processes of a test: one end may be cut (reset), or just fall silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.contract.proxy import Cable


class Line(Cable):
    """A cable that can also swallow everything: nothing passes, nobody is told."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._flowing = asyncio.Event()
        self._flowing.set()

    def fall_silent(self) -> None:
        """As a network that drops every packet, those of new connections too."""
        self._flowing.clear()

    def plug_in(self) -> None:
        """Let everything through again, also what waited."""
        super().plug_in()
        self._flowing.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        try:
            there_reader, there_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there_writer}
        if not self._plugged:
            for end in ends:
                end.transport.abort()
            return
        self._ends |= ends
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        self._ends -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def line(host: str, port: int) -> AsyncIterator[Line]:
    """A cable to a server, for the length of the block. Its `target` may be set later."""
    found = Line(host, port)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.plug_in()
        found.cut()
        server.close()
        await server.wait_closed()
