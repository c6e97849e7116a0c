"""Running the operations that come over connections which may hold streams."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from hub.delivery.admission import Admission
from hub.delivery.delivery import Delivery
from hub.delivery.door import Door
from hub.delivery.stream import Stream
from hub.delivery.subscribed import Subscribed
from hub.documents import DocumentRefused
from hub.graphql_request import GraphQLRequest
from hub.middleware.caller import Identify
from hub.middleware.faults import fault
from hub.request import RequestInfo
from hub.settings import Settings
from resolvers.errors import BadRequest, HubError
from resolvers.operation import Wanted
from resolvers.rights import Caller

if TYPE_CHECKING:
    from hub.graphql_http import GraphQLEndpoint

log = structlog.get_logger("hub.streams")

Outcome = tuple[bytes | None, list[dict[str, Any]] | None]
"""A whole answer, or the errors that kept the operation from running, or neither: a stream."""


@dataclass(frozen=True)
class Operations:
    """What connections share."""

    settings: Settings
    delivery: Delivery
    admission: Admission
    door: Door
    identify_by: Identify
    endpoint: Callable[[], GraphQLEndpoint]

    def start(self) -> None:
        """Begin to keep time, on the running event loop."""
        self.delivery.start()
        self.door.start()

    async def stop(self) -> None:
        """End what still runs."""
        await self.door.stop()
        await self.delivery.stop()

    def identify(self, parameters: Mapping[str, Any], caller: Caller) -> Caller:
        """The caller that a connection's parameters name, else the one known already.

        Raises Unauthenticated.
        """
        given = {
            name.lower(): value for name, value in parameters.items() if isinstance(value, str)
        }
        token, gateway = given.get("authorization"), given.get("x-hub-gateway")
        return self.identify_by([token] if token else [], gateway, caller)

    async def run(self, asked: GraphQLRequest, caller: Caller, stream: Stream) -> Outcome:
        """Answer a query or mutation; open `stream` for a subscription."""
        info = RequestInfo(secrets.token_hex(16), caller)
        return await self.told(self._run(asked, info, stream), info)

    async def told(self, running: Awaitable[bytes | None], info: RequestInfo) -> Outcome:
        """What a run comes to, its errors told in GraphQL form."""
        with structlog.contextvars.bound_contextvars(request_id=info.id):
            try:
                return await running, None
            except DocumentRefused as refused:
                return None, [dict(error.formatted) for error in refused.errors]
            except HubError as error:
                return None, [error.as_dict()]
            except Exception as error:
                log.exception("operation failed", error=type(error).__name__)
                return None, [fault(info.id).as_dict()]

    async def open(
        self, subscribed: Subscribed, stream: Stream, last: str | None, caller: Caller
    ) -> None:
        """Open a stream after the cursor `last`, where one is given, else after the one in the
        subscription's arguments. Raises HubError."""
        after = last or subscribed.after
        if after is not None and not isinstance(after, str):
            raise BadRequest("'after' must be a cursor")
        await self.delivery.open(subscribed, stream, after, caller.subject)

    async def _run(self, asked: GraphQLRequest, info: RequestInfo, stream: Stream) -> bytes | None:
        endpoint = self.endpoint()
        document = await endpoint.document(asked, info)
        if info.operation != "subscription":
            return (await endpoint.run(asked, document, Wanted(info.id), info)).body
        subscribed = endpoint.subscribe(asked, document, info)
        await self.open(subscribed, stream, None, info.caller)
        return None
