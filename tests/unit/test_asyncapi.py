"""The AsyncAPI document is current, valid for AsyncAPI's own parser, and true of the messages."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator
from starlette.datastructures import Headers

from hub.commands.export import asyncapi_text
from hub.doors.cloud_events import STRUCTURED, read_entries
from hub.doors.detection_event import detection_of
from hub.webhooks.message import body_of
from schema.asyncapi import EXAMPLE, asyncapi_document
from schema.cloud_event_types import EVENT_TYPES
from schema.wire import TOPICS, Detection
from tests.integration.event_tools.conftest import event

PROJECT = Path(__file__).resolve().parents[2]
CLIENTS = PROJECT / "tests" / "clients"
DOCUMENT = PROJECT / "docs" / "asyncapi.json"
KNOWN = {"asyncapi-latest-version"}
"""Remarks that stay: 3.0.0 is what most tools read."""


def validator(name: str) -> Draft7Validator:
    document = copy.deepcopy(asyncapi_document("0"))
    return Draft7Validator({"$ref": f"#/components/schemas/{name}"} | document)


def accepts(name: str, value: Any) -> bool:
    return bool(validator(name).is_valid(value))


def test_it_is_current() -> None:
    assert DOCUMENT.read_text("utf-8") == asyncapi_text(), (
        "the messages changed: run `hub export asyncapi --out docs/asyncapi.json`"
    )


def test_asyncapis_own_parser_takes_it() -> None:
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "@asyncapi" / "parser").is_dir():
        pytest.skip("Node or its packages are missing: run bin/setup")
    run = subprocess.run(
        [node, str(CLIENTS / "asyncapi.mjs"), str(DOCUMENT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = json.loads(run.stdout)
    assert [each for each in told["diagnostics"] if each["code"] not in KNOWN] == []
    assert len(told["channels"]) == len(TOPICS) + 2
    print(
        f"{len(told['channels'])} channels, {len(told['operations'])} operations, "
        f"{len(told['messages'])} messages, no fault"
    )


def test_all_topics_and_webhook_types_are_there() -> None:
    document = asyncapi_document("0")
    addresses = {each["address"] for each in document["channels"].values()}
    assert addresses == {"{prefix}" + topic for topic in TOPICS} | {"/ingest/events", None}
    names = {each["name"] for each in document["components"]["messages"].values()}
    assert set(EVENT_TYPES.values()) <= names


def test_the_example_is_what_the_door_takes() -> None:
    assert accepts("SentDetection", EXAMPLE)
    headers = Headers({"content-type": STRUCTURED})
    [entry] = read_entries(headers, orjson.dumps(EXAMPLE), 1)
    detection, message, faults = detection_of(entry)
    assert faults == []
    assert isinstance(detection, Detection)
    assert accepts("Detection", json.loads(message))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "city.hub.event.opened"},
        {"specversion": "0.3"},
        {"id": ""},
        {"data": EXAMPLE["data"] | {"confidence": 2}},
        {"data": EXAMPLE["data"] | {"weather": "rain"}},
        {"data": EXAMPLE["data"] | {"key": "a b"}},
    ],
)
def test_document_and_door_refuse_the_same(change: dict[str, Any]) -> None:
    wrong = EXAMPLE | change
    assert not accepts("SentDetection", wrong)
    headers = Headers({"content-type": STRUCTURED})
    [entry] = read_entries(headers, orjson.dumps(wrong), 1)
    assert detection_of(entry)[2]


def test_an_event_is_what_the_document_says() -> None:
    made = event(1, datetime(2026, 1, 31, tzinfo=UTC))
    assert accepts("Event", made)
    body = body_of(orjson.dumps(made).decode(), source="city-hub", left=False, cursor="c")
    delivered = orjson.loads(body)
    assert delivered["type"] == EVENT_TYPES["OPENED"]
    assert accepts("DeliveredEvent", delivered)
    data = delivered["data"]
    wrong = data | {"event": data["event"] | {"status": "GONE"}}
    assert not accepts("DeliveredEvent", delivered | {"data": wrong})
    assert not accepts("DeliveredEvent", delivered | {"data": data["event"]})
