"""The likely cause of a failed start, from real last lines of logs."""

from pathlib import Path

import pytest

from hub.engines.diagnosis import diagnose
from hub.settings import Settings

LINES = {
    "The disk is full": [
        "java.io.IOException: No space left on device",
        'FATAL:  could not write to file "pg_wal/xlogtemp.45": No space left on device',
        "Caused by: java.nio.file.FileSystemException: /x: No space left on device",
    ],
    "Java is too old": [
        "java.lang.UnsupportedClassVersionError: org/neo4j/server/CommunityEntryPoint has been "
        "compiled by a more recent version of the Java Runtime (class file version 61.0)",
    ],
    "too little memory": [
        "java.lang.OutOfMemoryError: Java heap space",
        "There is insufficient memory for the Java Runtime Environment to continue.",
        "FATAL:  could not map anonymous shared memory: Cannot allocate memory",
        "Error: Could not reserve enough space for 1048576000KB object heap",
    ],
    "The port was taken": [
        "Caused by: java.net.BindException: Address already in use",
        'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
        "org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:9092: "
        "Address already in use.",
    ],
    "A setting has a value": [
        'LOG:  invalid value for parameter "shared_buffers": "lots"',
        "Invalid maximum heap size: -Xmxlots",
    ],
    "belong to another user": [
        'FATAL:  data directory "/x" has wrong ownership',
        "java.nio.file.AccessDeniedException: /x/data",
    ],
    "password kept in the data folder": [
        'FATAL:  password authentication failed for user "hub_service"',
    ],
}


@pytest.mark.parametrize(
    ("cause", "line"),
    [(cause, line) for cause, lines in LINES.items() for line in lines],
)
def test_a_line_tells_its_cause(cause: str, line: str, tmp_path: Path) -> None:
    told, remedy = diagnose(Settings(), tmp_path, ["starting", line, "bye"], 1)
    assert cause in told
    assert remedy


def test_a_kill_is_most_likely_for_memory(tmp_path: Path) -> None:
    assert "memory" in diagnose(Settings(), tmp_path, [], -9)[0]


def test_no_answer_in_time(tmp_path: Path) -> None:
    told, remedy = diagnose(Settings(engine_start_seconds=7), tmp_path, ["all well"], None)
    assert "within 7 seconds" in told
    assert "HUB_ENGINE_START_SECONDS" in remedy


def test_a_code_when_nothing_else_is_known(tmp_path: Path) -> None:
    assert "code 3" in diagnose(Settings(), tmp_path, ["all well"], 3)[0]
