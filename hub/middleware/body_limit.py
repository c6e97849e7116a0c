"""Refuses request bodies over the limit, before or while they arrive."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.errors import PayloadTooLarge


class BodyLimit:
    """Raises PayloadTooLarge for a body of more than `limit` bytes, announced or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > self.limit:
            raise too_large(self.limit)
        came = 0

        async def receive_within() -> Message:
            nonlocal came
            message = await receive()
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
                if came > self.limit:
                    raise too_large(self.limit)
            return message

        await self.app(scope, receive_within, send)


def too_large(limit: int) -> PayloadTooLarge:
    """The refusal of a body over `limit` bytes."""
    return PayloadTooLarge(
        f"the request's body is over {limit} bytes (HUB_MAX_BODY_BYTES): send less", limit=limit
    )
