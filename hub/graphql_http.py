"""GraphQL over HTTP: `POST /graphql`, and GET for queries.

After https://graphql.github.io/graphql-over-http/draft/ (media types in `hub.media`).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol, cast

import structlog
from graphql import GraphQLSchema
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from hub.delivery.subscribed import Subscribed, Subscriber
from hub.documents import DocumentRefused
from hub.errors_http import answer_error, answer_errors
from hub.federation.usage import Usage
from hub.graphql_request import (
    GraphQLRequest,
    NotAcceptable,
    WrongMethod,
    read_request,
)
from hub.media import GRAPHQL_RESPONSE, JSON, answer_type, stream_type
from hub.metrics import Metrics
from hub.middleware.faults import fault
from hub.request import RequestInfo, info_of
from hub.tracing import Tracing
from resolvers.catalog import Catalog
from resolvers.errors import BadRequest, DeadlineExceeded, HubError, Unauthenticated
from resolvers.operation import Answer, GraphQLExecutor, ParsedDocument, Wanted
from resolvers.rights import rights_of

log = structlog.get_logger("hub.graphql")


class StreamingAnswers(Protocol):
    """What answers over SSE and multipart."""

    async def answer(self, request: Request, media: str, json: bool) -> Response:
        """`json`: the client takes a plain answer too."""
        ...


class DocumentSource(Protocol):
    """Where parsed documents come from."""

    async def get(self, text: str) -> ParsedDocument: ...


@dataclass(frozen=True)
class GraphQLEndpoint:
    """Answers GraphQL requests by one executor."""

    executor: GraphQLExecutor
    documents: DocumentSource
    catalog: Catalog
    metrics: Metrics
    tracing: Tracing
    seconds: float
    """Time an operation may take."""
    reference: bool = False
    """Whether a request may ask for graphql-core's executor."""
    trusted: DocumentSource | None = None
    """Documents with wider limits, for a gateway that had its caller's operation checked."""
    subscriptions: bool = False
    """Whether a subscription is passed to the executor."""
    schema: GraphQLSchema | None = None
    usage: Usage | None = None
    """Counts the operations of `schema` that were run."""
    streams: StreamingAnswers | None = None
    """Answers requests that accept a stream."""

    async def answer(self, request: Request) -> Response:
        """GET or POST /graphql. Every HubError becomes an answer in the accepted media type."""
        accept = request.headers.get("accept")
        media, streaming = answer_type(accept), stream_type(accept)
        info = info_of(request.scope)
        if streaming is not None and self.streams is not None:
            return await self.streams.answer(request, streaming, media is not None)
        try:
            if media is None:
                raise NotAcceptable(f"answers come as {JSON} or {GRAPHQL_RESPONSE}")
            asked = await read_request(request)
            want = self._wanted(request.headers, info)
        except HubError as error:
            return self._refused(answer_error(error, request.scope), info)
        try:
            answer = await self.answered(asked, want, info, request.method)
        except DocumentRefused as refused:
            entries = [dict(error.formatted) for error in refused.errors]
            return self._refused(
                answer_errors(entries, well_formed_status(media, 400), request.scope), info
            )
        except WrongMethod as error:
            response = answer_error(error, request.scope)
            response.headers["Allow"] = "POST"
            return self._refused(response, info)
        except HubError as error:
            status = well_formed_status(media, error.status)
            return self._refused(answer_errors([error.as_dict()], status, request.scope), info)
        return Response(
            answer.body,
            well_formed_status(media, answer.status_hint),
            headers={"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-store"},
        )

    async def answered(
        self, asked: GraphQLRequest, want: Wanted, info: RequestInfo, method: str
    ) -> Answer:
        """The answer to a query or mutation. Raises HubError, DocumentRefused."""
        document = await self.document(asked, info)
        if method == "GET" and info.operation != "query":
            raise WrongMethod(f"a {info.operation} is sent by POST; GET is for queries")
        if info.operation == "subscription" and not self.subscriptions:
            raise BadRequest(
                "a subscription is a stream: use WebSocket (graphql-transport-ws), or accept "
                "text/event-stream or multipart/mixed"
            )
        return await self.run(asked, document, want, info)

    async def document(self, asked: GraphQLRequest, info: RequestInfo) -> ParsedDocument:
        """The document of a request, whose operation `info` tells from now on.

        Raises DocumentRefused, BadRequest.
        """
        trusted = self.trusted if info.caller.gateway else None
        document = await (trusted or self.documents).get(asked.query)
        operation = document.operation(asked.operation_name)
        info.operation = operation.operation.value
        info.operation_name = operation.name.value if operation.name else None
        return document

    def subscribe(
        self, asked: GraphQLRequest, document: ParsedDocument, info: RequestInfo
    ) -> Subscribed:
        """What a subscription follows. Raises HubError."""
        executor = cast(Subscriber, self.executor)
        rights = rights_of(info.caller, self.catalog)
        found = executor.subscribe(document, asked.operation_name, asked.variables, rights)
        self.metrics.operations.labels("subscription", "data").inc()
        self._count_use(document, asked)
        return found

    async def run(
        self, asked: GraphQLRequest, document: ParsedDocument, want: Wanted, info: RequestInfo
    ) -> Answer:
        """Run an operation of a document and count it. Raises HubError."""
        assert info.operation is not None
        began = time.perf_counter()
        with self.tracing.operation_span(info.operation, info.operation_name, document.digest):
            try:
                answer = await self._execute(asked, document, want, info)
            finally:
                self.metrics.operation_seconds.labels(info.operation).observe(
                    time.perf_counter() - began
                )
            self.tracing.statement_spans(answer.statements)
        self._count_use(document, asked)
        self._count(answer, info)
        return answer

    def _count_use(self, document: ParsedDocument, asked: GraphQLRequest) -> None:
        if self.usage is not None and self.schema is not None:
            self.usage.saw(document, asked.operation_name, self.schema)

    async def _execute(
        self, asked: GraphQLRequest, document: ParsedDocument, want: Wanted, info: RequestInfo
    ) -> Answer:
        try:
            async with asyncio.timeout(self.seconds):
                return await self.executor.execute(
                    document,
                    asked.operation_name,
                    asked.variables,
                    rights_of(info.caller, self.catalog),
                    want,
                )
        except HubError:
            raise
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"the operation took longer than {self.seconds:g} s (HUB_REQUEST_SECONDS): "
                "ask for less at a time"
            ) from error
        except Exception as error:
            log.exception("operation failed", digest=document.digest, error=type(error).__name__)
            raise fault(info.id) from error

    def _wanted(self, headers: Headers, info: RequestInfo) -> Wanted:
        explain = headers.get("x-hub-explain", "0") not in ("", "0")
        executor = headers.get("x-hub-executor", "compiled")
        if explain and not info.caller.signed_in:
            raise Unauthenticated("X-Hub-Explain is for signed-in callers: send a token")
        if executor not in ("compiled", "reference"):
            raise BadRequest("X-Hub-Executor must be 'compiled' or 'reference'")
        if executor == "reference" and not self.reference:
            raise BadRequest("the reference executor is off (HUB_REFERENCE_EXECUTOR)")
        return Wanted(info.id, explain=explain, reference=executor == "reference")

    def _count(self, answer: Answer, info: RequestInfo) -> None:
        assert info.operation is not None
        info.errors, info.statements = answer.errors, len(answer.statements)
        outcome = "data"
        if answer.errors:
            outcome = "partial" if answer.status_hint == 200 else "refused"
        self.metrics.operations.labels(info.operation, outcome).inc()
        self.metrics.statements.labels(info.operation).observe(len(answer.statements))
        for run in answer.statements:
            self.metrics.statement_seconds.labels(run.store).observe(run.took_ns / 1e9)

    def _refused(self, response: Response, info: RequestInfo) -> Response:
        self.metrics.operations.labels(info.operation or "none", "refused").inc()
        return response


def well_formed_status(media: str, status: int) -> int:
    """The status for a request that is well-formed: with `application/json` errors are told in
    the body alone (draft, 6.4.1), except for faults of the hub."""
    return 200 if media == JSON and status < 500 else status
