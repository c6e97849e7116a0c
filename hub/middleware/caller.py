"""Finds out who asks."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.issuer import Issuer
from hub.request import info_of
from resolvers.errors import Unauthenticated


class CallerOf:
    """Reads `Authorization: Bearer …` (RFC 6750, 2.1). Without the header a caller is anonymous.

    Raises Unauthenticated for a header that holds anything else: whoever sends a token wants to
    be known, and must not be served as a stranger in its place.
    """

    def __init__(self, app: ASGIApp, issuer: Issuer) -> None:
        self.app = app
        self.issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).getlist("authorization")
            if len(given) > 1:
                raise Unauthenticated("send one Authorization header, not several")
            if given:
                scheme, _, token = given[0].partition(" ")
                if scheme.lower() != "bearer" or not token.strip():
                    raise Unauthenticated("the Authorization header must be 'Bearer TOKEN'")
                info_of(scope).caller = self.issuer.verify(token.strip())
        await self.app(scope, receive, send)
