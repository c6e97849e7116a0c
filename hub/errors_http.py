"""Errors as HTTP answers in GraphQL form."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from hub.media import JSON, answer_type
from hub.request import info_of
from resolvers.errors import HubError

CHALLENGE = 'Bearer realm="city-hub"'


def answer_error(error: HubError, scope: Scope) -> Response:
    """The answer to a request that one error stopped."""
    return answer_errors([error.as_dict()], error.status if error.status >= 400 else 400, scope)


def answer_errors(entries: list[dict[str, Any]], status: int, scope: Scope) -> Response:
    """The answer to a request that was stopped, in the media type it accepts."""
    info_of(scope).errors = len(entries)
    media = answer_type(Headers(scope=scope).get("accept")) or JSON
    response = Response(orjson.dumps({"errors": entries}), status)
    response.headers["Content-Type"] = f"{media}; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    if status == 401:
        rejected = "authorization" in Headers(scope=scope)
        refused = ', error="invalid_token"' if rejected else ""
        response.headers["WWW-Authenticate"] = CHALLENGE + refused
    return response
