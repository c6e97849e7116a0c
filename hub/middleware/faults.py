"""The last net: no exception leaves as a stack trace."""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors_http import answer_error
from hub.middleware.request_id import STARTS
from hub.request import info_of
from resolvers.errors import HubError, Internal

log = structlog.get_logger("hub")


class Faults:
    """Turns an error into an answer in GraphQL form.

    A HubError speaks for itself. Anything else is a fault of ours: it is logged with its stack,
    and the caller learns only the request id under which it is on record.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        began = False

        async def watch(message: Message) -> None:
            nonlocal began
            began = began or message["type"] in STARTS
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except HubError as error:
            if began:
                raise
            await answer_error(error, scope)(scope, receive, send)
        except Exception as error:
            log.exception("unexpected", error=type(error).__name__)
            if began:
                raise
            await answer_error(fault(info_of(scope).id), scope)(scope, receive, send)


def fault(request_id: str) -> Internal:
    """What a caller is told of a fault of ours."""
    return Internal(
        "the hub failed to answer: a fault of ours, on record under this request id",
        requestId=request_id,
    )
