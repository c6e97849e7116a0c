"""HTTP connections: bounded in number, and told when the process is about to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ENDING = "hub.ending"
"""Where a request's scope may hold what ends its streaming response."""

TRANSPORT = "hub.transport"
"""Where a request's scope holds the connection's transport."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class HubHttp(HttpToolsProtocol):
    """Of more sockets than uvicorn's `limit_concurrency` the latest are told to come later."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        most = self.limit_concurrency
        if most is not None and len(self.connections) > most:
            transport.write(FULL)
            transport.close()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        cycle.scope[TRANSPORT] = self.transport
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            scope: dict[str, Any] = self.cycle.scope  # type: ignore[assignment]
            end: Callable[[], None] | None = scope.get(ENDING)
            if end is not None:
                end()
        super().shutdown()
