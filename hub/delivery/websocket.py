"""GET /graphql with `Upgrade: websocket`."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from hub.delivery.connection import Connection
from hub.delivery.operations import Operations
from hub.protocols.socket import EXTENSION, HubSocket
from hub.request import info_of

SUBPROTOCOL = "graphql-transport-ws"
NOT_ACCEPTABLE = 4406


class WebSocketEndpoint:
    """Accepts the handshake and hands the connection over; raises Overloaded in its place."""

    def __init__(self, operations: Callable[[], Operations]) -> None:
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        info = info_of(scope)
        info.route = "/graphql"
        operations = self._operations()
        admission = operations.admission
        client = scope["client"]
        address = client[0] if client else ""
        new = None if info.caller.gateway else address
        admission.knock(new)
        connection, entered = None, False
        try:
            admission.enter()
            entered = True
            await receive()
            if SUBPROTOCOL not in scope["subprotocols"]:
                await send({"type": "websocket.accept"})
                told = f"Subprotocol not acceptable: speak {SUBPROTOCOL}"
                await send({"type": "websocket.close", "code": NOT_ACCEPTABLE, "reason": told})
                return
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            socket = scope["extensions"][EXTENSION]
            assert isinstance(socket, HubSocket)
            if not socket.disconnected:
                connection = Connection(operations, socket, info.caller, address)
        finally:
            if connection is None:
                admission.settle(new)
            if connection is None and entered:
                admission.leave(None)
