"""What the directory's process does for a gateway: check operations, hand out the supergraph."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.check import ApiDocuments, Check
from hub.errors_http import answer_error
from hub.federation.current import Current
from hub.federation.registry import Registry
from hub.federation.subgraph import own_names
from hub.federation.usage import Usage
from hub.graphql_http import GraphQLEndpoint
from hub.limits import Limits
from hub.middleware.body_limit import too_large
from hub.request import info_of
from resolvers.errors import Forbidden, StoreUnavailable
from resolvers.execute import Executor

if TYPE_CHECKING:
    from hub.context import Hub
    from hub.stores import Stores

DIRECTORY = "directory"
"""The subgraph whose process serves the gateway."""


UNREAD = "the registry has not been read yet; try again in a moment"


class Federation:
    """The registry as it stands, and the endpoints that a gateway asks."""

    def __init__(self, hub: Hub, stores: Stores, whole: Executor, usage: Usage) -> None:
        settings = hub.settings
        self._settings = settings
        self.current = Current(Registry(stores.postgres, settings), whole.schema)
        self.check = GraphQLEndpoint(
            executor=Check(whole, self.current, usage, hub.issuer),
            documents=ApiDocuments(
                self.current,
                limits=Limits.of(settings),
                metrics=hub.metrics,
                size=settings.document_cache,
                introspection=settings.introspection,
            ),
            catalog=hub.catalog,
            metrics=hub.metrics,
            tracing=hub.tracing,
            seconds=settings.request_seconds,
            subscriptions=True,
            reference=settings.reference_executor,
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow the registry, on the running event loop."""
        self._task = asyncio.create_task(self.current.run(), name="federation")

    async def stop(self) -> None:
        """End following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def answer_check(self, request: Request) -> Response:
        """GET or POST /graphql/check: the gateway's own request, as its caller sent it."""
        refused = _for_gateways(request)
        if refused is not None:
            return refused
        if self.current.supergraph is None:
            response = answer_error(StoreUnavailable(UNREAD), request.scope)
            response.headers["X-Hub-Unread"] = "1"
            return response
        most = self._settings.max_body_bytes
        if len(await request.body()) > most:
            return answer_error(too_large(most), request.scope)
        return await self.check.answer(request)

    async def answer_supergraph(self, request: Request) -> Response:
        """GET /federation/supergraph: what a gateway routes by; 304 where it has it already."""
        refused = _for_gateways(request)
        if refused is not None:
            return refused
        found = self.current.supergraph
        if found is None:
            return answer_error(StoreUnavailable(UNREAD), request.scope)
        tag = f'"{found.version}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        body = {
            "version": found.version,
            "supergraph": found.supergraph,
            "own": own_names(),
            "bodyBytes": self._settings.max_body_bytes,
            "seconds": self._settings.request_seconds,
            "partnerBytes": self._settings.partner_bytes,
            "partnerSeconds": self._settings.partner_seconds,
        }
        headers = {"ETag": tag, "Content-Type": "application/json"}
        return Response(orjson.dumps(body), headers=headers)


def _for_gateways(request: Request) -> Response | None:
    """The refusal of a request that does not come from the hub's gateway."""
    if info_of(request.scope).caller.gateway:
        return None
    return answer_error(Forbidden("this path is for the hub's own gateway"), request.scope)
