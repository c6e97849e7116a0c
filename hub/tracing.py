"""OpenTelemetry traces: off unless an endpoint is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import Scope

from resolvers.operation import StatementRun

STATEMENT_LENGTH = 2_000
"""Characters of a statement that a span keeps. Parameters, which may be personal, stay out."""


class Tracing:
    """Makes spans: one per request, within it one per operation, within that one per statement."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: Tracer = trace.NoOpTracer()
        if exporter is not None:
            self._provider = TracerProvider(
                resource=Resource.create({"service.name": "city-hub"}), shutdown_on_exit=False
            )
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
            self._tracer = self._provider.get_tracer("hub")

    @classmethod
    def to(cls, endpoint: str | None) -> Tracing:
        """Traces sent over OTLP/HTTP to `endpoint` (`/v1/traces` is added); none without one."""
        if not endpoint:
            return cls()
        return cls(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5))

    @property
    def on(self) -> bool:
        return self._provider is not None

    @contextmanager
    def request_span(self, scope: Scope) -> Iterator[Span]:
        """A span for a request, within the trace its `traceparent` names, if any."""
        headers = Headers(scope=scope)
        carrier = {"traceparent": headers.get("traceparent", "")}
        context: Context = TraceContextTextMapPropagator().extract(carrier)
        with self._tracer.start_as_current_span(
            "request", context, SpanKind.SERVER, {"http.request.method": scope["method"][:16]}
        ) as span:
            yield span

    @contextmanager
    def operation_span(self, kind: str, name: str | None, digest: str) -> Iterator[Span]:
        """A span for a GraphQL operation (OpenTelemetry's semantic conventions for GraphQL)."""
        attributes = {"graphql.operation.type": kind, "graphql.document.sha256": digest}
        if name is not None:
            attributes["graphql.operation.name"] = name[:100]
        with self._tracer.start_as_current_span(kind, attributes=attributes) as span:
            yield span

    def statement_spans(self, statements: tuple[StatementRun, ...]) -> None:
        """Spans for statements that have run, within the current one."""
        if not self.on:
            return
        for run in statements:
            span = self._tracer.start_span(
                run.store,
                kind=SpanKind.CLIENT,
                attributes={
                    "db.system.name": run.store,
                    "db.query.text": run.text[:STATEMENT_LENGTH],
                },
                start_time=run.began_ns,
            )
            span.end(run.began_ns + run.took_ns)

    def close(self) -> None:
        """Send what is still waiting, for at most five seconds, and stop."""
        if self._provider is not None:
            self._provider.force_flush(5_000)
            self._provider.shutdown()
