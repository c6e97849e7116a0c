"""A subscription whose messages are the parts of one HTTP response."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from hub.delivery.batch import Batch
from hub.delivery.stream import Stream
from resolvers.errors import HubError

Encode = Callable[[Batch], bytes]


class ResponseStream(Stream):
    """Keeps what the response has still to send: at most `most` bytes, or one batch."""

    __slots__ = (
        "_came",
        "_encode",
        "_most",
        "_went",
        "error",
        "over",
        "protocol",
        "size",
        "waiting",
    )

    def __init__(self, protocol: str, encode: Encode, most: int) -> None:
        super().__init__()
        self.protocol = protocol
        self.waiting: deque[bytes] = deque()
        self.size = 0
        self.over = False
        """Nothing comes any more."""
        self.error: HubError | None = None
        self._encode = encode
        self._most = most
        self._came = asyncio.Event()
        self._went = asyncio.Event()

    def take(self, batch: Batch) -> bool:
        content = batch.wire.get(self.protocol)
        if content is None:
            content = batch.wire[self.protocol] = self._encode(batch)
        if self.size and self.size + len(content) > self._most:
            return False
        self.waiting.append(content)
        self.size += len(content)
        self._came.set()
        return True

    def full(self) -> bool:
        return self.size > self._most // 2

    async def drained(self, seconds: float) -> None:
        self._went.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._went.wait()
        except TimeoutError:
            pass

    def end(self, error: HubError | None) -> None:
        self.error = error
        self.over = True
        self._came.set()

    async def more(self, seconds: float) -> list[bytes]:
        """What there is to send; nothing if that is so for some seconds, or for ever (`over`)."""
        if not self.waiting and not self.over:
            self._came.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._came.wait()
            except TimeoutError:
                return []
        found = list(self.waiting)
        self.waiting.clear()
        return found

    def sent(self, size: int) -> None:
        """So many bytes have gone to the client."""
        self.size -= size
        self._went.set()
