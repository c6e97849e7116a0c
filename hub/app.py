"""The ASGI application: routes, and what every request passes through."""

from __future__ import annotations

from collections.abc import Callable

from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Router, WebSocketRoute
from starlette.types import ASGIApp

from hub.context import Hub
from hub.delivery.websocket import WebSocketEndpoint
from hub.errors import HubError
from hub.executor import whole_schema
from hub.federation.service import DIRECTORY
from hub.graphiql_page import GraphiQL
from hub.heap import settle
from hub.limits import body_limit
from hub.logs import set_up_logs
from hub.middleware.access_log import AccessLog
from hub.middleware.body_limit import BodyLimit
from hub.middleware.caller import CallerOf
from hub.middleware.faults import Faults
from hub.middleware.measure import Measure
from hub.middleware.request_id import RequestId
from hub.middleware.security_headers import SecurityHeaders
from hub.middleware.trace import Trace
from hub.routes import nowhere, to
from hub.settings import Settings
from schema.build import subgraph

Middleware = Callable[[ASGIApp], ASGIApp]


def make_app(hub: Hub) -> ASGIApp:
    """The application of one hub; its lifespan opens and closes the stores."""
    app: ASGIApp = Router(
        routes_of(hub), redirect_slashes=False, default=nowhere, lifespan=hub.open
    )
    for wrap in reversed(middleware_of(hub)):
        app = wrap(app)
    return app


def middleware_of(hub: Hub) -> tuple[Middleware, ...]:
    """From the outermost to the innermost."""
    return (
        RequestId,
        AccessLog,
        lambda app: Measure(app, hub.metrics),
        lambda app: Trace(app, hub.tracing),
        SecurityHeaders,
        Faults,
        lambda app: CallerOf(app, hub.identify),
        lambda app: BodyLimit(app, body_limit(hub.settings)),
    )


def routes_of(hub: Hub) -> list[BaseRoute]:
    """Every path the hub answers."""
    page = GraphiQL()

    async def graphql(request: Request) -> Response:
        return await hub.endpoint.answer(request)

    async def ready(request: Request) -> Response:
        return await hub.health.ready(request)

    async def live(request: Request) -> Response:
        return await hub.health.live(request)

    async def metrics(request: Request) -> Response:
        await hub.health.report()
        return await hub.metrics.answer(request)

    async def ingest(request: Request) -> Response:
        return await hub.ingest.answer(request)

    async def jwks(request: Request) -> Response:
        return JSONResponse(hub.issuer.jwks(), headers={"Cache-Control": "max-age=300"})

    async def check(request: Request) -> Response:
        assert hub.federation is not None
        return await hub.federation.answer_check(request)

    async def supergraph(request: Request) -> Response:
        assert hub.federation is not None
        return await hub.federation.answer_supergraph(request)

    for_gateway = [
        to("/graphql/check", check, "GET", "POST", known="/graphql"),
        to("/federation/supergraph", supergraph),
    ]
    return [
        *(for_gateway if hub.settings.subgraph == DIRECTORY else ()),
        to("/", page.answer),
        to("/graphiql/{path:path}", page.answer),
        to("/graphql", graphql, "GET", "POST"),
        WebSocketRoute("/graphql", WebSocketEndpoint(lambda: hub.operations)),
        to("/ingest/events", ingest, "POST", "OPTIONS"),
        to("/live", live),
        to("/ready", ready),
        to("/metrics", metrics),
        to("/.well-known/jwks.json", jwks),
    ]


def create() -> ASGIApp:
    """The application by the environment's settings, for uvicorn's workers."""
    settings = Settings()
    set_up_logs(settings.log_level)
    app = make_app(Hub(settings, schema_of(settings)))
    settle()
    return app


def schema_of(settings: Settings) -> GraphQLSchema:
    """The schema that these settings serve. Raises HubError for a subgraph there is not."""
    if settings.subgraph is None:
        return whole_schema()
    try:
        schema = subgraph(settings.subgraph)._schema
    except ValueError as error:
        raise HubError(f"There is {error}.", "Set HUB_SUBGRAPH to one of them.") from error
    assert isinstance(schema, GraphQLSchema)
    return schema
