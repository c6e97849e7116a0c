"""`hub federated`: the processes it starts, what it does when one dies, and that none stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from hub.federation.subgraph import own_names
from resolvers.stores.addresses import StoreAddresses
from tests.contract.federated import HIVE, free_ports

HUB = Path(sys.executable).parent / "hub"
QUERY = "{ venues(first: 1) { nodes { code grid { community { name } } } } }"


@contextmanager
def running(
    data: Path, at: StoreAddresses, first: int
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`hub federated` over these stores with a tiny sample: the process, and its greeting."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        "HUB_DATA": str(data),
        "HUB_NEO4J_URL": at.neo4j_url,
        "HUB_NEO4J_PASSWORD": at.neo4j_password,
        "HUB_POSTGRES_URL": at.postgres_service_dsn,
        "HUB_POSTGRES_OWNER_URL": at.postgres_owner_dsn,
        "HUB_POSTGRES_AUDITOR_URL": at.postgres_auditor_dsn,
        "HUB_KAFKA_SERVERS": at.kafka_servers,
        "HUB_KAFKA_USER": at.kafka_user or "",
        "HUB_KAFKA_PASSWORD": at.kafka_password or "",
        "HUB_SUBGRAPH_PORT": str(first),
        "HUB_GATEWAY_PORT": str(first + len(own_names())),
    }
    sample = ["generate", "--scale", "tiny", "--out", str(data / "sample")]
    subprocess.run([HUB, *sample], env=env, check=True, capture_output=True, timeout=60)
    process = subprocess.Popen([HUB, "federated"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("To stop:"):
                break
        yield process, "".join(lines)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@pytest.mark.skipif(not HIVE.exists(), reason="the gateway's packages are missing: run bin/setup")
def test_it_serves_recovers_and_ends(fresh_stores: StoreAddresses, tmp_path: Path) -> None:
    first = free_ports(len(own_names()) + 1)
    url = f"http://127.0.0.1:{first + len(own_names())}/graphql"
    with running(tmp_path, fresh_stores, first) as (process, greeting):
        token = next(line for line in greeting.splitlines() if line.startswith("eyJ"))
        assert f"{url}  (all but the division names is generated)" in greeting
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= len(own_names()) + 1
        answered = ask(url, token)
        assert answered["data"]["venues"]["nodes"][0]["grid"]["community"]["name"]
        serving(process, "places").kill()
        gone = ask(url, token)
        assert gone["data"]["venues"]["nodes"][0]["code"], "only what places answers is missing"
        [error] = gone["errors"]
        assert error["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
        assert "127.0.0.1" not in error["message"]
        assert again(url, token) == answered
        serving(process, "directory").kill()
        without_the_directory(url, token, answered)
        children += psutil.Process(process.pid).children(recursive=True)
    left = [child for child in children if child.is_running() and child.status() != "zombie"]
    assert left == []


def serving(process: subprocess.Popen[str], name: str) -> psutil.Process:
    """The process that serves a subgraph now."""
    children = psutil.Process(process.pid).children(recursive=True)
    [found] = [each for each in children if each.is_running() and each.cmdline()[-1:] == [name]]
    return found


def without_the_directory(url: str, token: str, answered: dict[str, Any]) -> None:
    """Nobody checks operations: they run all the same, each subgraph keeps its rights, and the
    gateway its own limits."""
    assert ask(url, token) == answered
    refused = ask(url, None)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert not refused.get("data")
    deep = "{ grids(first: 1) { nodes { community { " + "grids { nodes { community { " * 14
    deep += "name" + " } } }" * 14 + " } } } }"
    over = ask(url, token, deep)
    assert "data" not in over
    assert "depth" in over["errors"][0]["message"]


def ask(url: str, token: str | None, query: str = QUERY) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(url, json={"query": query}, headers=headers, timeout=30)
    body: dict[str, Any] = answer.json()
    return body


def again(url: str, token: str) -> dict[str, Any]:
    """The answer once the process that was killed is back."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        body = ask(url, token)
        if "errors" not in body:
            return body
        time.sleep(0.5)
    raise AssertionError(body)
