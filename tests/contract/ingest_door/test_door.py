"""Detections come in as CloudEvents over HTTP, in all three modes, or not at all."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2
from cloudevents.core.bindings import http as other_client
from cloudevents.core.v1.event import CloudEvent

from schema.wire import Detection, detection_key
from tests.contract.ingest_door.conftest import BATCHED, PARTITIONS, Door, event, faults


def read(records: list[ConsumerRecord]) -> dict[str, Detection]:
    """Detections by camera; each is on the partition that any Kafka client would choose."""
    found = {}
    for record in records:
        detection = Detection.model_validate_json(record.value)
        assert record.key == detection.camera.encode()
        assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS
        found[detection.camera] = detection
    return found


async def test_somebody_elses_client_structured_and_binary(door: Door) -> None:
    for number, write in (
        (1001, other_client.to_structured_event),
        (1002, other_client.to_binary_event),
    ):
        given = event(number)
        data = given.pop("data")
        del given["time"]
        sent = write(CloudEvent(given | {"subject": f"相机-{number} %"}, data))
        async with httpx.AsyncClient(base_url=door.service.url) as client:
            answer = await client.post(
                "/ingest/events", content=sent.body, headers=door.headers | sent.headers
            )
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1}), answer.text
    found = read(await door.kept())
    first, second = found["相机-1001 %"], found["相机-1002 %"]
    assert first.source == second.source == "https://vendor.example/box/7"
    assert first.attributes == {"bags": 1001}
    assert first.phase == "SEEN"
    assert first.key == detection_key(first.camera, first.type, first.zone, first.started_at)
    assert first.key != second.key


async def test_a_batch_and_what_data_overrides(door: Door) -> None:
    own = {"key": "a-key-of-ones-own", "source": "box 7", "capturedAt": "2026-01-31T00:00:09Z"}
    sent = [
        event(2001, type="city.hub.detection.gone"),
        event(2002, data=own),
        event(2003, subject=None, data={"camera": "CAM2003", "phase": "SEEN"}),
    ]
    answer = await door.post(sent, BATCHED)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 3}), answer.text
    found = read(await door.kept())
    assert found["CAM2001"].phase == "GONE"
    assert found["CAM2002"].key == "a-key-of-ones-own"
    assert found["CAM2002"].source == "box 7"
    assert found["CAM2002"].captured_at.isoformat() == "2026-01-31T00:00:09+00:00"
    assert found["CAM2001"].captured_at.isoformat() == "2026-01-31T08:00:05+08:00"
    assert found["CAM2003"].camera == "CAM2003"
    assert (await door.post([], BATCHED)).json() == {"accepted": 0}


async def test_repeats_have_equal_keys(door: Door) -> None:
    for _ in range(2):
        assert (await door.post(event(2100))).status_code == 202
    same = [record for record in await door.kept() if record.key == b"CAM2100"]
    assert len(same) == 2
    assert same[0].value == same[1].value


async def test_one_bad_entry_refuses_all(door: Door) -> None:
    before = len(await door.kept())
    sent = [event(n) for n in range(3000, 3050)]
    sent[7] = event(3007, data={"confidence": 1.5, "weather": "rain", "rule": None})
    sent[9] = event(3009, time=None)
    sent[11] = {"hello": "world"}
    answer = await door.post(sent, BATCHED)
    assert answer.status_code == 400
    told = list(faults(answer))
    assert {at for index, at in told if index == 7} == {
        "data.confidence",
        "data.weather",
        "data.rule",
    }
    assert {at for index, at in told if index == 9} == {"data.capturedAt"}
    assert {at for index, at in told if index == 11} >= {"specversion", "id", "source", "type"}
    assert {index for index, _ in told} == {7, 9, 11}
    assert answer.json()["errors"][0]["extensions"]["id"] == "e-3007"
    assert len(await door.kept()) == before
    print(f"{len(told)} faults told, 0 of {len(sent)} detections kept")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a version of CloudEvents that is none": ({"specversion": "0.3"}, "specversion"),
    "no version": ({"specversion": None}, "specversion"),
    "no id": ({"id": None}, "id"),
    "an empty id": ({"id": ""}, "id"),
    "another type": ({"type": "com.example.hello"}, "type"),
    "no camera": ({"subject": None}, "subject"),
    "two cameras": ({"data": {"camera": "other"}}, "data.camera"),
    "two phases": ({"data": {"phase": "GONE"}}, "data.phase"),
    "a time without an offset": ({"time": "2026-01-31T08:00:00"}, "time"),
    "a time that is none": ({"time": 5}, "time"),
    "a start without an offset": ({"data": {"startedAt": "2026-01-31T08:00:00"}}, "data.startedAt"),
    "a start before the calendar": ({"data": {"startedAt": "0001-01-01T00:00:00+14:00"}}, "data"),
    "a start after the frame": ({"data": {"startedAt": "2026-02-01T00:00:00Z"}}, "data.startedAt"),
    "a huge number": ({"data": {"confidence": 1e300}}, "data.confidence"),
    "a number as text": ({"data": {"confidence": "0.5"}}, "data.confidence"),
    "a key of another shape": ({"data": {"key": "a b"}}, "data.key"),
    "a rule's name without end": ({"data": {"rule": "r" * 201}}, "data.rule"),
    "a source without end": ({"source": "s" * 201}, "data.source"),
    "U+0000": ({"data": {"zone": "a\0b"}}, "data"),
    "attributes without end": ({"data": {"attributes": {"a": "b" * 16_001}}}, "data.attributes"),
    "deep attributes": (
        {"data": {"attributes": {"a": json.loads("[" * 250 + "]" * 250)}}},
        "data",
    ),
    "data that is a text": ({"data": {}, "datacontenttype": "text/plain"}, "datacontenttype"),
    "data twice": ({"data_base64": "e30="}, "data_base64"),
    "an attribute in capitals": ({"Colour": "red"}, "Colour"),
}


@pytest.mark.parametrize("what", sorted(BAD))
async def test_it_is_refused_with_its_place(door: Door, what: str) -> None:
    changes, place = BAD[what]
    answer = await door.post(event(4000, **changes))
    assert answer.status_code == 400, answer.text
    assert place in {at for _, at in faults(answer)}, answer.text
    assert all(record.key != b"CAM4000" for record in await door.kept())


async def test_data_in_base64(door: Door) -> None:
    sent = event(4100)
    sent["data_base64"] = base64.b64encode(orjson.dumps(sent.pop("data"))).decode()
    assert (await door.post(sent)).status_code == 202
    for wrong in ("e30", "e30=\n", "W10=", "/w==", 5):
        answer = await door.post(sent | {"data_base64": wrong})
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/json"}, 400, "BAD_REQUEST"),
        (b"{}", {"Content-Type": "text/plain"}, 400, "BAD_REQUEST"),
        (b"{}", {"Content-Type": "text/plain", "ce-id": "1"}, 415, "BAD_REQUEST"),
        (b"{}", {"Content-Type": "application/cloudevents+avro"}, 415, "BAD_REQUEST"),
        (b"{}", {"Content-Type": "application/cloudevents+json; charset=gbk"}, 415, "BAD_REQUEST"),
        (b"{}", {"Content-Encoding": "gzip"}, 415, "BAD_REQUEST"),
        (b"{", {}, 400, "BAD_REQUEST"),
        (b"\xff\xfe", {}, 400, "BAD_REQUEST"),
        (b'{"id": "\xff"}', {}, 400, "BAD_REQUEST"),
        (b'{"id": "\\ud800"}', {}, 400, "BAD_REQUEST"),
        (b"[" * 100_000, {}, 400, "BAD_REQUEST"),
        (b"{}", {"Content-Type": BATCHED}, 400, "BAD_REQUEST"),
        (b"[" + b"{}," * 1_000 + b"{}]", {"Content-Type": BATCHED}, 400, "BAD_REQUEST"),
        (b"[" + b"{}," * 999 + b"{}]", {"Content-Type": BATCHED}, 400, "BAD_USER_INPUT"),
        (b"[[], 1, null]", {"Content-Type": BATCHED}, 400, "BAD_USER_INPUT"),
        (b"null", {}, 400, "BAD_USER_INPUT"),
        (b'{"data": {"attributes": {"n": 1e400}}}', {}, 400, "BAD_REQUEST"),
        (b" " * 10_000_000, {}, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
async def test_bad_bodies(
    door: Door, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    given = {"Content-Type": "application/cloudevents+json"} | headers
    async with httpx.AsyncClient(base_url=door.service.url) as client:
        answer = await client.post("/ingest/events", content=body, headers=door.headers | given)
    errors = answer.json()["errors"]
    assert (answer.status_code, errors[0]["extensions"]["code"]) == (status, code), answer.text
    assert len(errors) <= 100


async def test_bad_headers(door: Door) -> None:
    given = event(4200)
    data = given.pop("data")
    del given["time"]
    sent = other_client.to_binary_event(CloudEvent(given, data))
    sent.headers["ce-time"] = "noon"
    base = [(k, v.encode()) for k, v in (door.headers | sent.headers).items() if k != "ce-subject"]
    for wrong in (
        [(b"ce-subject", b"a"), (b"CE-Subject", b"a")],
        [(b"ce-subject", b"\xe7\x9b\xb8")],
        [(b"ce-subject", b"%ff")],
        [(b"ce-subject", b"a"), (b"ce-data", b"{}")],
        [(b"content-type", b"application/json")],
    ):
        async with httpx.AsyncClient(base_url=door.service.url) as client:
            answer = await client.post("/ingest/events", content=sent.body, headers=[*base, *wrong])
        assert answer.status_code in (400, 415), (wrong, answer.text)
    quoted = [(b"ce-subject", b'"CAM \\"4200\\""')]
    async with httpx.AsyncClient(base_url=door.service.url) as client:
        answer = await client.post("/ingest/events", content=sent.body, headers=[*base, *quoted])
    assert answer.status_code == 400  # the time is none
    assert {at for _, at in faults(answer)} == {"time"}


async def test_who_may_send(door: Door) -> None:
    for headers, status in (
        ({}, 401),
        (door.service.signed_in(), 403),
        (door.service.signed_in(roles=["reader"]), 403),
        (door.service.signed_in(roles=["steward"]), 202),
    ):
        async with httpx.AsyncClient(base_url=door.service.url) as client:
            media = {"Content-Type": "application/cloudevents+json"}
            answer = await client.post("/ingest/events", json=event(4300), headers=media | headers)
        assert answer.status_code == status, answer.text
        assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_the_handshake(door: Door) -> None:
    async with httpx.AsyncClient(base_url=door.service.url) as client:
        asked = {"WebHook-Request-Origin": "events.vendor.example"}
        answer = await client.options("/ingest/events", headers=asked)
        assert answer.status_code == 200
        assert answer.headers["webhook-allowed-origin"] == "events.vendor.example"
        assert answer.headers["webhook-allowed-rate"] == "*"
        assert (await client.options("/ingest/events")).status_code == 400
        odd = {"WebHook-Request-Origin": "a b"}
        assert (await client.options("/ingest/events", headers=odd)).status_code == 400
        answer = await client.get("/ingest/events")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
