"""Routes that name themselves for logs and metrics, and refuse in GraphQL form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.errors_http import answer_errors
from hub.request import info_of
from resolvers.errors import BadRequest

Handler = Callable[[Request], Awaitable[Response]]


class Endpoint:
    """One path: a handler for the methods it takes, 405 for others.

    A gateway's requests are refused as if they had come to the path `known`.
    """

    def __init__(
        self, path: str, handler: Handler, methods: tuple[str, ...], known: str = ""
    ) -> None:
        self.path = path
        self.known = known or path
        self.handler = handler
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        info_of(scope).route = self.path
        if scope["method"] in self.methods:
            response = await self.handler(Request(scope, receive))
        else:
            takes = ", ".join(self.methods)
            error = BadRequest(f"{self.known} takes {takes}, not {scope['method'][:16]}")
            response = answer_errors([error.as_dict()], 405, scope)
            response.headers["Allow"] = takes
        await response(scope, receive, send)


def to(path: str, handler: Handler, *methods: str, known: str = "") -> Route:
    """A route for `methods`, GET and HEAD where none are named."""
    return Route(path, Endpoint(path, handler, methods or ("GET", "HEAD"), known))


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """404, for a path the hub does not have."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "no such path"})
        return
    error = BadRequest("there is nothing at this path: the API is at /graphql, its page at /")
    await answer_errors([error.as_dict()], 404, scope)(scope, receive, send)
