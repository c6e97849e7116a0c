"""Gives every request an id, which its logs, traces and errors carry."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.request import RequestInfo, keep_info

STARTS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
SWITCHED = 101
"""The status of a WebSocket's handshake that was accepted."""
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestId:
    """Takes over `X-Request-Id` if it is 8 to 64 plain characters, else makes one up."""

    def __init__(
        self, app: ASGIApp, make: Callable[[], str] = lambda: secrets.token_hex(16)
    ) -> None:
        self.app = app
        self.make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        info = RequestInfo(given if SANE.fullmatch(given) else self.make())
        keep_info(scope, info)

        async def send_with_id(message: Message) -> None:
            if message["type"] in STARTS:
                info.status = message.get("status", SWITCHED)
                message.setdefault("headers", [])
                MutableHeaders(scope=message)["X-Request-Id"] = info.id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=info.id):
            await self.app(scope, receive, send_with_id)
