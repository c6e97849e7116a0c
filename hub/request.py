"""What the hub knows of one HTTP request while it is served."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

from resolvers.rights import ANONYMOUS, Caller

_KEY = "hub.request"


@dataclass
class RequestInfo:
    """Filled in by the middleware and the handlers, read by logs, metrics and traces."""

    id: str
    caller: Caller = ANONYMOUS
    route: str = "other"
    """The path of the route that matched, never what the client sent: it labels metrics."""
    operation: str | None = None
    """`query`, `mutation` or `subscription`, once known."""
    operation_name: str | None = None
    errors: int = 0
    statements: int = 0
    status: int = 0


def keep_info(scope: Scope, info: RequestInfo) -> None:
    """Lay a request's information into its scope."""
    scope[_KEY] = info


def info_of(scope: Scope) -> RequestInfo:
    """The information of the request a scope belongs to."""
    info = scope[_KEY]
    assert isinstance(info, RequestInfo)
    return info
