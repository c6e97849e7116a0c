"""The commands around the service, as a person runs them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.contract.service import Service, nothing_there


def environment(data: Path) -> dict[str, str]:
    """An environment in which every store is away."""
    at = nothing_there()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return kept | {
        "HUB_DATA": str(data),
        "HUB_NEO4J_URL": at.neo4j_url,
        "HUB_POSTGRES_URL": at.postgres_service_dsn,
        "HUB_KAFKA_SERVERS": at.kafka_servers,
    }


def hub(
    *words: str, env: Mapping[str, str], given: str | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from hub.commands import main; main()", *words]
    return subprocess.run(
        command, env=dict(env), input=given, capture_output=True, text=True, timeout=60, check=False
    )


@dataclass(frozen=True)
class Served:
    """A `hub serve` that runs."""

    process: subprocess.Popen[str]
    url: str
    log: Path


@contextmanager
def served(data: Path, *words: str, **settings: str) -> Iterator[Served]:
    log = data / "serve.log"
    command = [sys.executable, "-c", "from hub.commands import main; main()", "serve"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--port", "0", *words],
            env=environment(data) | settings,
            stdout=out,
            stderr=out,
            text=True,
            cwd=data,
        )
    try:
        url = address(process, log)
        yield Served(process, url, log)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


def address(process: subprocess.Popen[str], log: Path) -> str:
    """Where it listens, once it answers."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, log.read_text()
        found = re.search(r"listens at (http://\S+)", log.read_text())
        if found:
            try:
                if httpx.get(f"{found[1]}/live").status_code == 200:
                    return found[1]
            except httpx.HTTPError:
                pass
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_serve_stops_when_all_is_answered(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        query = {"query": "{ __schema { queryType { name } } }"}
        answer = httpx.post(f"{service.url}/graphql", json=query)
        assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
        assert "server" not in answer.headers
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) in (0, -signal.SIGTERM)
        lines = service.log.read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert events[-3:].count("stopped") == 1, events
    assert not [line for line in lines if "Traceback" in line]


def test_several_workers_share_port_and_figures(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "2") as service:
        for _ in range(30):
            httpx.get(f"{service.url}/live")
        for _ in range(3):
            text = httpx.get(f"{service.url}/metrics").text
        ours = re.search(
            r'^hub_http_requests_total\{method="GET",route="/live",status="200"\} (\S+)', text, re.M
        )
        assert ours is not None
        assert float(ours[1]) >= 30
    assert (tmp_path / "keys" / "issuer.jwk").exists()


def test_a_taken_port_is_said_clearly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = hub("serve", "--port", str(port), env=environment(tmp_path))
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken by process {os.getpid()}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    done = hub("serve", "--host", "203.0.113.1", env=environment(tmp_path))
    assert done.returncode == 1
    assert "203.0.113.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_token_and_query_fit_together(tmp_path: Path, tiny: Service) -> None:
    env = environment(tiny.hub.settings.data)
    made = hub(
        *("token", "--subject", "李雷", "--role", "steward", "--department", "D1", "--hours", "2"),
        env=env,
    )
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    caller = tiny.hub.issuer.verify(token)
    assert (caller.subject, caller.department) == ("李雷", "D1")
    assert caller.roles == frozenset({"steward"})

    ask = ("query", "--url", tiny.url, "--json")
    done = hub(*ask, "{ whoami { subject } }", env=env | {"HUB_TOKEN": token})
    assert json.loads(done.stdout) == {"data": {"whoami": {"subject": "李雷"}}}

    path = tmp_path / "hello.graphql"
    path.write_text("query($n: String) { hello(name: $n) }")
    done = hub(*ask, str(path), "--variables", '{"n": "天山"}', env=env)
    assert json.loads(done.stdout) == {"data": {"hello": "hello 天山"}}
    done = hub("query", "--url", f"{tiny.url}/graphql", "-", env=env, given="{ hello }")
    assert '"hello": "hello district"' in done.stdout

    done = hub(*ask, "{ nothing }", env=env)
    assert done.returncode == 1
    assert "GRAPHQL_VALIDATION_FAILED" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("query", "{ a }", "--url", "http://127.0.0.1:9"), "No hub answers"),
        (("query", "{ a }", "--variables", "[1]"), "must be a JSON object"),
        (("query", "{ a }", "--variables", "{"), "not JSON"),
        (("token", "--subject", " "), "needs a subject"),
        (("export", "schema", "--subgraph", "nowhere"), "no subgraph"),
    ],
)
def test_what_cannot_be_done_is_said_clearly(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = hub(*words, env=environment(tmp_path))
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_export_writes_the_committed_schema(tmp_path: Path) -> None:
    out = tmp_path / "schema.graphql"
    done = hub("export", "schema", "--out", str(out), env=environment(tmp_path))
    assert done.returncode == 0, done.stderr
    committed = Path(__file__).resolve().parents[2] / "schema" / "schema.graphql"
    assert out.read_text("utf-8").rstrip() == committed.read_text("utf-8").rstrip()
    done = hub("export", "schema", "--subgraph", "places", env=environment(tmp_path))
    assert "@key" in done.stdout
