"""One log line per request, or per WebSocket's handshake."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.request import info_of

log = structlog.get_logger("hub.access")

QUIET = frozenset({"/live", "/ready", "/metrics"})
"""Asked every few seconds by machines: logged at debug while all is well."""


class AccessLog:
    """Says who asked for what and how it went. Never a query string, a body or a header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        info = info_of(scope)
        began = time.perf_counter()
        try:
            await self.app(scope, receive, send)
        finally:
            quiet = scope["path"] in QUIET and info.status < 400
            say = log.debug if quiet else log.info
            say(
                "request",
                method=scope.get("method", "WEBSOCKET")[:16],
                path=scope["path"][:200],
                status=info.status,
                ms=round((time.perf_counter() - began) * 1000, 2),
                subject=info.caller.subject,
                operation=info.operation,
                operation_name=info.operation_name and info.operation_name[:100],
                errors=info.errors,
                statements=info.statements,
            )
