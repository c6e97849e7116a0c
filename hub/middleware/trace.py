"""A span per request, within the caller's trace if it sends one."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from hub.request import info_of
from hub.tracing import Tracing


class Trace:
    """Does nothing while tracing is off."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self.app = app
        self.tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.tracing.on:
            await self.app(scope, receive, send)
            return
        info = info_of(scope)
        with self.tracing.request_span(scope) as span:
            try:
                await self.app(scope, receive, send)
            finally:
                span.update_name(f"{scope['method'][:16]} {info.route}")
                span.set_attribute("http.route", info.route)
                span.set_attribute("http.response.status_code", info.status)
                span.set_attribute("hub.request_id", info.id)
