"""A WebSocket connection that is handed over to one who writes to it directly."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.protocol import State

EXTENSION = "hub.socket"
"""Where the ASGI scope's extensions hold the connection."""
FRAGMENT_BYTES = 64
"""What a fragment takes in memory beside its content, which may be empty."""
LINGER_SECONDS = 1.0
"""Time in which a peer that broke the protocol can read why it is cut."""
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
    and the connection goes on without a task, a queue, or anything of its request.

    A message may have at most `most` bytes, all its fragments together, and no more is kept of one
    that is unfinished. `most` can be raised at any time. The library's own bound (`ws_max_size`)
    is the outer one: it is looked at as soon as a message may begin, so the next message would
    still be under the old one.
    """

    owner: Owner | None = None
    handed_over = False
    heard = True
    """Whether anything came since this was last set to False."""

    def __init__(self, *arguments: Any, most: int = 8_192, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.most = most
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
        if self._kept() > self.most:
            self._too_big()

    def _kept(self) -> int:
        """Bytes of a message that is unfinished."""
        begun = self.conn.current_size or 0
        return begun + len(self.conn.reader.buffer) + FRAGMENT_BYTES * len(self.frames)

    def _too_big(self) -> None:
        """End the connection as the library does for a message over its bound."""
        self.frames = []
        if self.conn.eof_sent:  # it has ended, and what comes is thrown away
            return
        self.conn.fail(CloseCode.MESSAGE_TOO_BIG, f"the message is over {self.most} bytes")
        self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        """Say why the connection fails, and throw away what the peer still sends for a moment:
        cut at once, it would often not get the reason."""
        if not self.handed_over:
            super().handle_parser_exception()
            return
        self.frames = []
        if self.close_sent:
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def send_receive_event_to_app(self) -> None:
        if sum(map(len, self.frames)) > self.most:
            self._too_big()
            return
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
