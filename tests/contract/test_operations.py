"""What operators see: health, metrics, logs, traces, headers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hub.logs import set_up_logs
from hub.tracing import Tracing
from tests.contract.service import serving, tiny_hub


async def test_it_lives_with_every_store_away(http: httpx.AsyncClient) -> None:
    answer = await http.get("/live")
    assert (answer.status_code, answer.text) == (200, "live\n")


async def test_ready_says_which_store_is_down(http: httpx.AsyncClient) -> None:
    answer = await http.get("/ready")
    assert answer.status_code == 503
    report = answer.json()
    assert report["state"] == "down"
    assert set(report["stores"]) == {"neo4j", "postgres", "kafka"}
    for store in report["stores"].values():
        assert store["state"] == "down"
        assert store["reason"]
        assert store["ms"] >= 0
    assert report["projector"]["lag"] is None
    assert "PostgreSQL" in report["projector"]["waiting"]
    assert "secret" not in answer.text


async def test_metrics(http: httpx.AsyncClient) -> None:
    for path in (
        "/graphql?query={hello}",
        "/graphql?query={hello}",
        "/no/such/path",
        "/no/other/path",
    ):
        await http.get(path)
    await http.request("PROPFIND", "/graphql")
    answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'hub_operations_total{outcome="data",type="query"}' in text
    assert 'hub_operation_statements_count{type="query"}' in text
    assert 'hub_document_cache_total{result="hit"}' in text
    assert 'hub_store_up{store="neo4j"} 0.0' in text
    assert 'hub_http_requests_total{method="GET",route="other",status="404"}' in text
    assert 'method="other",route="/graphql",status="405"' in text
    assert "/no/such/path" not in text
    assert "PROPFIND" not in text


async def test_request_ids(http: httpx.AsyncClient) -> None:
    answer = await http.get("/live", headers={"X-Request-Id": "department-7.2026"})
    assert answer.headers["x-request-id"] == "department-7.2026"
    for strange in ("short", "x" * 65, "a b c d e f g h", '"><script>alert(1)'):
        answer = await http.get("/live", headers={"X-Request-Id": strange})
        assert answer.headers["x-request-id"] != strange
        assert len(answer.headers["x-request-id"]) == 32


async def test_answers_carry_careful_headers(http: httpx.AsyncClient) -> None:
    for path in ("/graphql", "/live", "/nowhere", "/.well-known/jwks.json"):
        headers = (await http.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.fixture
def json_logs() -> Iterator[None]:
    """Logs as the service writes them, for the length of a test."""
    root = logging.getLogger()
    kept = (root.handlers[:], root.level)
    set_up_logs("debug")
    structlog.configure(cache_logger_on_first_use=False)  # loggers outlive this test
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = kept


@pytest.mark.usefixtures("json_logs")
def test_logs_are_json_without_secrets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(tiny_hub(tmp_path)) as service, httpx.Client(base_url=service.url) as client:
        token = service.token("li", roles=["steward"])
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": "seen-in-logs"}
        client.post("/graphql", json={"query": "query Mine { hello }"}, headers=headers)
        client.post("/graphql", json={"query": "{ burst }"}, headers=headers)
        client.get("/graphql", params={"query": '{ hello(name: "private") }'})
        client.get("/live", headers={"Authorization": f"Bearer {token}x"})
        structlog.get_logger("hub").warning(
            "careless", password="hunter2", url=service.hub.at.postgres_service_dsn, text=token
        )
        logging.getLogger("some.library").warning("sent Bearer %s", token)
    written = capfd.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert token not in written
    assert token.split(".")[2] not in written
    for private in ("private", "hub:secret@"):
        assert private not in written
    [mine] = [line for line in lines if line.get("operation_name") == "Mine"]
    assert mine["request_id"] == "seen-in-logs"
    assert (mine["status"], mine["subject"], mine["statements"]) == (200, "li", 1)
    [fault] = [line for line in lines if line["event"] == "operation failed"]
    assert fault["request_id"] == "seen-in-logs"
    assert "RuntimeError" in fault["exception"]
    [careless] = [line for line in lines if line["event"] == "careless"]
    assert (careless["password"], careless["text"]) == ("[hidden]", "[hidden]")
    assert {line["level"] for line in lines} >= {"info", "warning", "error"}


def test_traces(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with serving(tiny_hub(tmp_path, Tracing(exporter))) as service:
        url = f"{service.url}/graphql"
        httpx.post(url, json={"query": "query Q { hello }"}, headers={"traceparent": parent})
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"POST /graphql", "query", "neo4j"}
    request, operation, statement = spans["POST /graphql"], spans["query"], spans["neo4j"]
    assert format(request.context.trace_id, "032x") == "0af7651916cd43dd8448eb211c80319c"
    assert operation.parent is not None
    assert operation.parent.span_id == request.context.span_id
    assert statement.parent is not None
    assert statement.parent.span_id == operation.context.span_id
    assert operation.attributes is not None
    assert operation.attributes["graphql.operation.name"] == "Q"
    assert statement.end_time is not None
    assert statement.start_time is not None
    assert statement.end_time - statement.start_time == 1_000_000


def test_nothing_is_traced_without_an_endpoint(tmp_path: Path) -> None:
    hub = tiny_hub(tmp_path)
    assert not hub.tracing.on


def test_an_operation_that_takes_too_long(tmp_path: Path) -> None:
    with serving(tiny_hub(tmp_path, request_seconds=0.1)) as service:
        answer = httpx.post(f"{service.url}/graphql", json={"query": "{ sleep(seconds: 5) }"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
