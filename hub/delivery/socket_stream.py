"""A subscription over WebSocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.delivery.batch import Batch
from hub.delivery.frames import next_frames
from hub.delivery.stream import Stream
from resolvers.errors import HubError

if TYPE_CHECKING:
    from hub.delivery.connection import Connection


class SocketStream(Stream):
    """Writes to the connection's transport; what waits there counts for all its streams."""

    __slots__ = ("connection", "head", "identity", "most", "transport")

    protocol = "websocket"

    def __init__(self, connection: Connection, identity: str, head: bytes, most: int) -> None:
        super().__init__()
        self.connection = connection
        self.identity = identity
        self.head = head
        self.most = most
        self.transport = connection.transport

    def take(self, batch: Batch) -> bool:
        frames = batch.wire.get(self.head) or next_frames(batch, self.head)
        waiting = self.transport.get_write_buffer_size()
        if waiting and waiting + len(frames) > self.most:
            return False
        self.transport.write(frames)
        return True

    def full(self) -> bool:
        return self.transport.get_write_buffer_size() > self.most // 2

    async def drained(self, seconds: float) -> None:
        await self.connection.drained(seconds)

    def end(self, error: HubError | None) -> None:
        self.connection.ended(self, error)
