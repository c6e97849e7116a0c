"""Counts and times requests."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Receive, Scope, Send

from hub.metrics import Metrics
from hub.request import info_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) | {"WEBSOCKET"}


class Measure:
    """Labels are the matched route, the method and the status: a client can make up none."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        info = info_of(scope)
        given = scope.get("method", "WEBSOCKET")
        method = given if given in METHODS else "other"
        began = time.perf_counter()
        try:
            with self.metrics.in_flight.track_inprogress():
                await self.app(scope, receive, send)
        finally:
            self.metrics.requests.labels(info.route, method, str(info.status)).inc()
            self.metrics.request_seconds.labels(info.route).observe(time.perf_counter() - began)
