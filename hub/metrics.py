"""What Prometheus reads at /metrics. No label can take a value that a client makes up."""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STATEMENTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


class Metrics:
    """The figures of one process, in a registry of their own; summed up over several workers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of = self.registry
        self.requests = Counter(
            "hub_http_requests", "HTTP requests.", ["route", "method", "status"], registry=of
        )
        self.request_seconds = Histogram(
            "hub_http_request_seconds",
            "Time from a request's head to its answer's end.",
            ["route"],
            buckets=SECONDS,
            registry=of,
        )
        self.in_flight = Gauge(
            "hub_http_requests_in_flight",
            "HTTP requests being served.",
            registry=of,
            multiprocess_mode="livesum",
        )
        self.operations = Counter(
            "hub_operations",
            "GraphQL operations, by outcome: data, partial (data and errors) or refused.",
            ["type", "outcome"],
            registry=of,
        )
        self.operation_seconds = Histogram(
            "hub_operation_seconds",
            "Time an operation takes once its document is known.",
            ["type"],
            buckets=SECONDS,
            registry=of,
        )
        self.statements = Histogram(
            "hub_operation_statements",
            "Statements that one operation runs.",
            ["type"],
            buckets=STATEMENTS,
            registry=of,
        )
        self.statement_seconds = Histogram(
            "hub_statement_seconds",
            "Time one statement takes.",
            ["store"],
            buckets=SECONDS,
            registry=of,
        )
        self.documents = Counter(
            "hub_document_cache",
            "Documents looked up: hit, miss, or refused (not kept).",
            ["result"],
            registry=of,
        )
        self.store_up = Gauge(
            "hub_store_up",
            "Whether a store answers (1) or not (0), when last asked.",
            ["store"],
            registry=of,
            multiprocess_mode="mostrecent",
        )
        self.store_seconds = Gauge(
            "hub_store_answer_seconds",
            "Time a store took to answer, when last asked.",
            ["store"],
            registry=of,
            multiprocess_mode="mostrecent",
        )
        self.log_position = Gauge(
            "hub_log_position",
            "Last position of the change log.",
            registry=of,
            multiprocess_mode="mostrecent",
        )
        self.graph_position = Gauge(
            "hub_projector_position",
            "Last position that the graph has applied.",
            registry=of,
            multiprocess_mode="mostrecent",
        )
        self.lag = Gauge(
            "hub_projector_lag",
            "Change sets that the graph has still to apply.",
            registry=of,
            multiprocess_mode="mostrecent",
        )
        self.projector_restarts = Counter(
            "hub_projector_restarts",
            "Times the projector ended and was started again.",
            registry=of,
        )

        self.streams = Gauge(
            "hub_streams",
            "Subscriptions that are open.",
            ["protocol"],
            registry=of,
            multiprocess_mode="livesum",
        )
        self.stream_groups = Gauge(
            "hub_stream_groups",
            "Groups of equal subscriptions, each evaluated once.",
            registry=of,
            multiprocess_mode="livesum",
        )
        self.streams_behind = Gauge(
            "hub_streams_behind",
            "Subscriptions that are being brought up to date, or whose reader is slow.",
            registry=of,
            multiprocess_mode="livesum",
        )
        self.stream_connections = Gauge(
            "hub_stream_connections",
            "WebSocket connections, and responses that are streams.",
            registry=of,
            multiprocess_mode="livesum",
        )
        self.deliveries = Counter(
            "hub_deliveries",
            "Messages given to live subscribers.",
            ["source"],
            registry=of,
        )
        self.streams_ended = Counter(
            "hub_streams_ended",
            "Subscriptions that the hub ended, by error code.",
            ["code"],
            registry=of,
        )
        self.evaluation_seconds = Histogram(
            "hub_evaluation_seconds",
            "Time it takes to make one batch of messages for a group.",
            buckets=SECONDS,
            registry=of,
        )

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format, those of all workers where there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self.registry)

    async def answer(self, request: Request) -> Response:
        """GET /metrics."""
        return Response(self.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})
