"""A WebSocket connection that is handed over to one who writes to it directly."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

EXTENSION = "hub.socket"
"""Where the ASGI scope's extensions hold the connection."""
ABORT_SECONDS = 10.0
"""Time in which a peer has to take the last bytes and close its side."""

log = logging.getLogger("hub.protocols.socket")
log.setLevel(logging.WARNING)  # uvicorn tells of each connection, with its query string


class Owner(Protocol):
    """Who a connection was handed over to."""

    def received(self, text: bytes) -> None:
        """A text message, whose bytes need not be UTF-8."""

    def received_bytes(self) -> None:
        """A binary message."""

    def lost(self) -> None:
        """The connection has ended, whoever ended it."""

    def shutdown(self) -> None:
        """The process is about to end."""


class HubSocket(WebSocketsSansIOProtocol):
    """uvicorn's connection until the application calls `hand_over`. Then its ASGI call may return,
    and the connection goes on without a task, a queue, or anything of its request."""

    owner: Owner | None = None
    handed_over = False
    heard = True
    """Whether anything came since this was last set to False."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = log

    def hand_over(self, owner: Owner) -> asyncio.Transport:
        """Give all further messages to `owner`, and let go of the request."""
        self.owner = owner
        self.handed_over = True
        self.queue = cast(Any, _Nowhere)
        for name in ("request", "response", "scope"):
            self.__dict__.pop(name, None)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        return self.transport

    def close(self, code: int, reason: str) -> None:
        """Send what waits, then the close frame; cut the connection if the peer does not end it.

        `reason` is cut to the 123 bytes that a close frame has room for.
        """
        if self.close_sent or self.transport.is_closing():
            return
        if self.conn.state is State.OPEN:
            self.conn.send_close(code, reason.encode()[:123].decode(errors="ignore"))
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.resume_reading()  # for the peer's close frame
        self.close_timer = self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    async def run_asgi(self) -> None:
        """Call the application; its return ends a connection that was not handed over."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("the application failed")
            self.send_500_response()
        if not self.handed_over and self.close_timer is None:
            self.transport.close()

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self

    def data_received(self, data: bytes) -> None:
        self.heard = True
        super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        owner = self.owner
        if owner is None:
            if not self.handed_over:
                super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            owner.received(bytes(data))
        else:
            owner.received_bytes()

    def pause_writing(self) -> None:
        """Who does not read is not read from."""
        super().pause_writing()
        if self.handed_over and not self.close_sent:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.handed_over:
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.lost()

    def shutdown(self) -> None:
        if self.owner is None:
            super().shutdown()
        else:
            self.owner.shutdown()


class _Nowhere:
    """A queue for events that nobody reads any more."""

    @staticmethod
    def put_nowait(event: object) -> None:
        pass
