"""A start that fails says why, and what to do."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines_for_tests import clear, hub


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def states(data: Path) -> set[str]:
    return {e["state"] for e in json.loads(hub(data, "status", "--json").stdout)["engines"]}


@pytest.mark.parametrize(
    ("engine", "setting"),
    [
        ("neo4j", "HUB_NEO4J_PORT"),
        ("postgres", "HUB_POSTGRES_PORT"),
        ("kafka", "HUB_KAFKA_PORT"),
        ("kafka", "HUB_KAFKA_CONTROLLER_PORT"),
    ],
)
def test_a_taken_port_names_who_has_it(data: Path, taken: int, engine: str, setting: str) -> None:
    told = hub(data, "up", engine, **{setting: str(taken)})
    assert told.returncode == 1
    assert f"Port {taken}" in told.stderr
    assert f"process {os.getpid()}" in told.stderr
    assert setting in told.stderr
    assert "Traceback" not in told.stderr


def test_engines_already_started_are_stopped_when_another_fails(data: Path, taken: int) -> None:
    told = hub(data, "up", HUB_NEO4J_PORT=str(taken))
    assert told.returncode == 1
    assert states(data) == {"stopped"}


def test_a_heap_larger_than_memory(data: Path) -> None:
    told = hub(data, "up", "kafka", HUB_KAFKA_HEAP="9000g")
    assert told.returncode == 1
    assert "too little memory" in told.stderr
    assert "HUB_KAFKA_HEAP" in told.stderr
    assert "kafka.log" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_setting_the_engine_does_not_take(data: Path) -> None:
    told = hub(data, "up", "postgres", HUB_POSTGRES_BUFFERS="lots")
    assert told.returncode == 1
    assert "shared_buffers" in told.stderr
    assert "A setting has a value" in told.stderr


def test_a_java_that_is_too_old(data: Path, tmp_path: Path) -> None:
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.22\" 2024-01-16' >&2\n")
    old.chmod(0o755)
    told = hub(data, "up", "neo4j", HUB_JAVA=str(old))
    assert told.returncode == 1
    assert "Java 11.0.22" in told.stderr
    assert "apt-get install openjdk-17" in told.stderr


def test_an_engine_of_anothers_that_does_not_answer(data: Path, taken: int) -> None:
    told = hub(data, "up", "postgres", HUB_POSTGRES_URL="postgresql://a:b@127.0.0.1:1/hub")
    assert told.returncode == 1
    assert "HUB_POSTGRES_URL" in told.stderr
    assert "127.0.0.1:1/hub" in told.stderr
    assert "a:b" not in told.stderr


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    told = hub(file / "data", "up")
    assert told.returncode == 1
    assert "HUB_DATA" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's file")
def test_another_users_password_file_is_refused(data: Path) -> None:
    secrets = data / "secrets"
    secrets.mkdir()
    (secrets / "hub_service-password").write_text("known\n")
    os.chown(secrets / "hub_service-password", 12345, 12345)
    told = hub(data, "up", "postgres")
    assert told.returncode == 1
    assert "belongs to another user" in told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_a_data_folder_that_postgres_cannot_reach_is_kept_closed(tmp_path: Path) -> None:
    """PostgreSQL's store goes where its user can get; no folder above is opened for it."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        told = hub(closed / "data", "up", "postgres")
        assert told.returncode == 0, told.stderr
        assert closed.stat().st_mode & 0o777 == 0o700
        assert (closed / "data" / "postgres").is_symlink()
        again = hub(closed / "data", "status", "--json")
        assert json.loads(again.stdout)["engines"][1]["state"] == "running"
    finally:
        clear(closed / "data")
