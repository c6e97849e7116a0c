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

GATEWAY = "x-hub-gateway"
"""The header by which a gateway shows itself."""
SEVERAL = re.compile(r",\s*bearer\s", re.IGNORECASE)
"""Where headers of one name were joined to one on the way (RFC 9110, 5.2)."""


class CallerOf:
    """Reads `Authorization: Bearer …` (RFC 6750, 2.1). Without the header a caller is anonymous.

    Raises Unauthenticated for a header that holds anything else: whoever sends a token wants to
    be known, and must not be served as a stranger in its place. The same holds for a gateway's
    secret in `X-Hub-Gateway`.
    """

    def __init__(self, app: ASGIApp, issuer: Issuer, gateway: str) -> None:
        self.app = app
        self.issuer = issuer
        self.gateway = gateway.encode("utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).getlist("authorization")
            if len(given) > 1 or (given and SEVERAL.search(given[0])):
                raise Unauthenticated("send one Authorization header, not several")
            if given:
                scheme, _, token = given[0].partition(" ")
                if scheme.lower() != "bearer" or not token.strip():
                    raise Unauthenticated("the Authorization header must be 'Bearer TOKEN'")
                info_of(scope).caller = self.issuer.verify(token.strip())
            shown = Headers(scope=scope).get(GATEWAY)
            if shown is not None:
                if not hmac.compare_digest(shown.encode("utf-8"), self.gateway):
                    raise Unauthenticated("X-Hub-Gateway is not this hub's gateway's secret")
                info = info_of(scope)
                info.caller = replace(info.caller, gateway=True)
        await self.app(scope, receive, send)
