"""One WebSocket connection that speaks graphql-transport-ws.

After https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Close codes beyond the
protocol's own are listed in docs/streams.md.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson

from hub.delivery.frames import PING, next_head, text_frame
from hub.delivery.operations import Operations
from hub.delivery.socket_stream import SocketStream
from hub.graphql_request import GraphQLRequest, checked
from hub.protocols.socket import HubSocket
from resolvers.errors import HubError, ReaderTooSlow, TooManyStreams, Unauthenticated
from resolvers.rights import Caller

ACK = text_frame(b'{"type":"connection_ack"}')
PONG = text_frame(b'{"type":"pong"}')

BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
INIT_TIMEOUT = 4408
DUPLICATE = 4409
TOO_SLOW = 4413
TOO_MANY_INITS = 4429
RESTART = 1012
TRY_LATER = 1013


class Connection:
    """From the accepted handshake to the end. `caller` is who the handshake's headers name."""

    __slots__ = (
        "address",
        "began",
        "caller",
        "counted",
        "new",
        "operations",
        "pinged",
        "ready",
        "service",
        "silent",
        "socket",
        "transport",
    )

    def __init__(
        self, service: Operations, socket: HubSocket, caller: Caller, address: str
    ) -> None:
        self.service = service
        self.socket = socket
        self.caller = caller
        self.address = address
        self.counted: str | None = None
        self.new = None if caller.gateway else address
        """The address it counts for until it is ready."""
        self.ready = False
        self.began = self.pinged = time.monotonic()
        self.silent = 0
        self.operations: dict[str, SocketStream | asyncio.Task[None]] = {}
        self.transport = socket.hand_over(self)
        service.door.visitors[self] = None

    # What the connection tells

    def received(self, text: bytes) -> None:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            self.close(BAD_MESSAGE, "Invalid message: not JSON")
            return
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "subscribe":
            self._subscribe(message)
        elif kind == "complete":
            self._stop(message.get("id"))
        elif kind == "ping":
            payload = message.get("payload")
            told = {"type": "pong", "payload": payload}
            self.transport.write(PONG if payload is None else text_frame(orjson.dumps(told)))
        elif kind == "pong":
            pass
        elif kind == "connection_init":
            self._begin(message.get("payload"))
        else:
            self.close(BAD_MESSAGE, "Invalid message: its type is none of the protocol's")

    def received_bytes(self) -> None:
        self.close(BAD_MESSAGE, "Invalid message: it must be text")

    def lost(self) -> None:
        if self.service.door.visitors.pop(self, self) is not None:
            return
        self._stop_all()
        if not self.ready:
            self.service.admission.settle(self.new)
        self.service.admission.leave(self.counted)

    def shutdown(self) -> None:
        self.close(RESTART, "Service Restart: connect again and go on from the last cursor")

    # What the clock tells

    def tick(self, now: float, wall: float) -> None:
        if self.transport.is_closing():
            self.silent += 1
            if self.silent > 20:
                self.transport.abort()
        elif not self.ready and now - self.began > self.service.settings.stream_init_seconds:
            self.close(INIT_TIMEOUT, "Connection initialisation timeout")
        elif self.caller.expires is not None and wall >= self.caller.expires:
            self.close(FORBIDDEN, "Forbidden: the token has expired; connect with a new one")
        elif now - self.pinged > self.service.settings.stream_ping_seconds:
            self._ping(now)

    def _ping(self, now: float) -> None:
        self.pinged = now
        self.silent = 0 if self.socket.heard else self.silent + 1
        self.socket.heard = False
        if self.silent >= 2:
            self.transport.abort()
        elif not self.socket.close_sent and not self.full():
            self.transport.write(PING)

    # Messages

    def _begin(self, payload: Any) -> None:
        if self.ready:
            self.close(TOO_MANY_INITS, "Too many initialisation requests")
            return
        if payload is not None and not isinstance(payload, dict):
            self.close(BAD_MESSAGE, "Invalid message: the payload must be an object")
            return
        try:
            self.caller = self.service.identify(payload or {}, self.caller)
            self.counted = self.service.admission.give(self.caller, self.address)
        except Unauthenticated as error:
            self.close(FORBIDDEN, f"Forbidden: {error.message}")
        except TooManyStreams as error:
            self.close(TRY_LATER, error.message)
        else:
            self.ready = True
            self.socket.most = self.service.settings.stream_message_bytes
            self.service.admission.settle(self.new)
            self.transport.write(ACK)

    def _subscribe(self, message: dict[str, Any]) -> None:
        if not self.ready:
            self.close(UNAUTHORIZED, "Unauthorized: send connection_init first")
            return
        identity, payload = message.get("id"), message.get("payload")
        if not isinstance(identity, str) or not identity or len(identity) > 256:
            self.close(BAD_MESSAGE, "Invalid message: the id must be a text of 1 to 256 characters")
            return
        if not isinstance(payload, dict):
            self.close(BAD_MESSAGE, "Invalid message: the payload must be an object")
            return
        if identity in self.operations:
            self.close(DUPLICATE, f"Subscriber for {identity} already exists")
            return
        try:
            asked = checked(payload)
        except HubError as error:
            self.close(BAD_MESSAGE, f"Invalid message: {error.message}")
            return
        most = self.service.settings.max_subscriptions
        if len(self.operations) >= most:
            told = f"one connection has at most {most} operations under way (HUB_MAX_SUBSCRIPTIONS)"
            self.send_errors(identity, [TooManyStreams(told).as_dict()])
            return
        self.operations[identity] = asyncio.create_task(self._run(identity, asked))

    async def _run(self, identity: str, asked: GraphQLRequest) -> None:
        head = next_head(orjson.dumps(identity))
        stream = SocketStream(self, identity, head, self.service.settings.stream_buffer_bytes)
        body: bytes | None = None
        errors = None
        try:
            await self._room(stream)
            body, errors = await self.service.run(asked, self.caller, stream)
        except ReaderTooSlow as error:
            self.close(TOO_SLOW, error.message)
        finally:
            if self.operations.get(identity) is asyncio.current_task():
                del self.operations[identity]
        if errors is not None:
            self.send_errors(identity, errors)
        elif body is not None:
            if not self.socket.close_sent:
                self.transport.write(text_frame(head + body + b"}"))
            self._send(identity, "complete")
        elif stream.group is not None:
            self.operations[identity] = stream

    async def _room(self, stream: SocketStream) -> None:
        """Wait until the client has read what it asked for before. Raises ReaderTooSlow."""
        until = time.monotonic() + self.service.settings.stream_lag_seconds
        while stream.full():
            if time.monotonic() > until:
                raise ReaderTooSlow("the reader is too slow: read what was asked for")
            await self.drained(1.0)

    def _stop(self, identity: Any) -> None:
        if not isinstance(identity, str):
            self.close(BAD_MESSAGE, "Invalid message: the id must be a text")
            return
        self._end(self.operations.pop(identity, None))

    def _end(self, operation: SocketStream | asyncio.Task[None] | None) -> None:
        if isinstance(operation, SocketStream):
            self.service.delivery.close(operation)
        elif operation is not None:
            operation.cancel()

    def _stop_all(self) -> None:
        for operation in self.operations.values():
            self._end(operation)
        self.operations.clear()

    # What streams ask for

    def full(self) -> bool:
        most = self.service.settings.stream_buffer_bytes
        return self.transport.get_write_buffer_size() > most

    async def drained(self, seconds: float) -> None:
        """Wait until the client has read most of what waits for it, at most so long."""
        if self.socket.writable.is_set():
            await asyncio.sleep(min(0.05, seconds))
            return
        try:
            async with asyncio.timeout(seconds):
                await self.socket.writable.wait()
        except TimeoutError:
            pass

    def ended(self, stream: SocketStream, error: HubError | None) -> None:
        """A stream of this connection has come to its end."""
        self.operations.pop(stream.identity, None)
        if error is None:
            self._send(stream.identity, "complete")
            return
        self.send_errors(stream.identity, [error.as_dict()])
        if isinstance(error, ReaderTooSlow):
            self.close(TOO_SLOW, "Reader too slow: go on from the last cursor")

    def send_errors(self, identity: str, errors: list[dict[str, Any]]) -> None:
        """End an operation with errors."""
        self._send(identity, "error", payload=errors)

    def close(self, code: int, reason: str) -> None:
        """End the connection, and all that is under way on it."""
        self._stop_all()
        self.socket.close(code, reason)

    def _send(self, identity: str, kind: str, **more: Any) -> None:
        if not self.socket.close_sent and not self.transport.is_closing():
            message = {"id": identity, "type": kind, **more}
            self.transport.write(text_frame(orjson.dumps(message)))
