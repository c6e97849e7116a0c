"""Finds out who asks."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.issuer import Issuer
from hub.request import info_of
from resolvers.errors import Unauthenticated
from resolvers.rights import Caller

GATEWAY = "x-hub-gateway"
"""The header by which a gateway shows itself."""
SEVERAL = re.compile(r",\s*bearer\s", re.IGNORECASE)
"""Where headers of one name were joined to one on the way (RFC 9110, 5.2)."""


class Identify:
    """Tells who a caller is, by the token and the gateway's secret that were sent."""

    def __init__(self, issuer: Issuer, gateway: str) -> None:
        self._issuer = issuer
        self._gateway = gateway.encode("utf-8")

    def __call__(self, given: list[str], shown: str | None, caller: Caller) -> Caller:
        """The caller named by `Authorization` headers, else `caller`. Raises Unauthenticated."""
        if len(given) > 1 or (given and SEVERAL.search(given[0])):
            raise Unauthenticated("send one Authorization header, not several")
        if given:
            scheme, _, token = given[0].partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthenticated("the Authorization header must be 'Bearer TOKEN'")
            caller = self._issuer.verify(token.strip())
        if shown is not None:
            if not hmac.compare_digest(shown.encode("utf-8"), self._gateway):
                raise Unauthenticated("X-Hub-Gateway is not this hub's gateway's secret")
            caller = replace(caller, gateway=True)
        return caller


class CallerOf:
    """Reads `Authorization: Bearer …` (RFC 6750, 2.1). Without the header a caller is anonymous.

    Raises Unauthenticated for a header that holds anything else: whoever sends a token wants to
    be known, and must not be served as a stranger in its place. The same holds for a gateway's
    secret in `X-Hub-Gateway`.
    """

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self.app = app
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers, info = Headers(scope=scope), info_of(scope)
            given = headers.getlist("authorization")
            info.caller = self.identify(given, headers.get(GATEWAY), info.caller)
        await self.app(scope, receive, send)
