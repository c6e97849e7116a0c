"""From a detection to a query, a verdict and what subscribers hear of it: real processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.live import live_hub, when
from tests.contract.service import Service, serving
from tests.events_for_tests import (
    EventStores,
    IngestProcess,
    camera,
    event_of,
    event_stores,
    gone,
    seen,
)

REVIEW = """mutation ($input: ReviewEventInput!) {
  reviewEvent(input: $input) {
    status
    clientMutationId
    event { id version phase status verdict reviewedBy reviewNote camera { code name } }
  }
}"""
EVENT = "query ($id: ID!) { event(id: $id) { version verdict phase } }"
FOLLOW = """subscription ($after: Cursor, $camera: String!) {
  events(after: $after, filter: {camera: {eq: $camera}, verdict: {isNull: true}}) {
    cursor left event { id version verdict }
  }
}"""
PRECISION = """query ($rule: String!) {
  eventStatistics(by: [RULE, CAMERA], filter: {rule: {eq: $rule}}) {
    keys { by value name } count confirmed rejected precision
  }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores) as made:
        yield made


@pytest.fixture(scope="module")
def ingest(stores: EventStores) -> Iterator[IngestProcess]:
    with stores.ingest() as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(stores: EventStores, ingest: IngestProcess) -> AsyncIterator[Service]:
    hub = live_hub(Path(stores.folder), stores.at, topic_prefix=stores.prefix, review_seconds=6)
    with serving(hub) as running:
        await when(running, lambda report: report["projector"]["lag"] == 0)
        yield running


async def ask(service: Service, query: str, roles: list[str], **variables: Any) -> dict[str, Any]:
    headers = service.signed_in(roles=roles)
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (await client.post(f"{service.url}/graphql", json=body)).json()
        return answer


async def review(service: Service, **given: Any) -> dict[str, Any]:
    return await ask(service, REVIEW, ["steward"], input=given)


def code_of(answer: dict[str, Any]) -> str:
    code: str = answer["errors"][0]["extensions"]["code"]
    return code


async def opened(stores: EventStores, number: int, **other: Any) -> str:
    """An event of a camera, stored; its id."""
    detection = seen(camera(number), **other)
    await stores.send([detection])
    await stores.settled()
    return event_of(detection)


@asynccontextmanager
async def following(service: Service, number: int) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """The messages of a subscription to a camera's unreviewed events, over SSE."""
    headers = service.signed_in() | {"Accept": "text/event-stream"}
    body = {"query": FOLLOW, "variables": {"camera": camera(number)}}
    async with (
        httpx.AsyncClient(headers=headers, timeout=60) as client,
        client.stream("POST", f"{service.url}/graphql", json=body) as response,
    ):
        lines = response.aiter_lines()

        async def messages() -> AsyncIterator[dict[str, Any]]:
            async for line in lines:
                if line.startswith("data: {"):
                    yield json.loads(line.removeprefix("data: "))["data"]["events"]

        yield messages()


async def test_a_verdict_is_the_next_version_and_leaves_who_watches_the_unreviewed(
    service: Service, stores: EventStores
) -> None:
    async with following(service, 1) as messages:
        first = await anext(messages)
        assert first["event"] is None, "the first message is where it begins"
        event = await opened(stores, 1)
        came = await anext(messages)
        assert came["event"] == {"id": event, "version": 1, "verdict": None}
        answer = await review(
            service, id=event, verdict="CONFIRMED", note="看到了", clientMutationId="m1"
        )
        payload = answer["data"]["reviewEvent"]
        assert payload["status"] == "STORED"
        assert payload["clientMutationId"] == "m1"
        assert payload["event"]["version"] == 2
        assert payload["event"]["phase"] == "REVIEWED"
        assert payload["event"]["verdict"] == "CONFIRMED"
        assert payload["event"]["reviewNote"] == "看到了"
        assert payload["event"]["camera"]["code"] == camera(1)
        left = await anext(messages)
        assert left["left"] is True
        assert left["event"] == {"id": event, "version": 2, "verdict": "CONFIRMED"}


async def test_the_same_review_again_is_the_same_version(
    service: Service, stores: EventStores
) -> None:
    event = await opened(stores, 2)
    answers = await asyncio.gather(
        *(review(service, id=event, verdict="REJECTED", clientMutationId="twice") for _ in "1234")
    )
    versions = [each["data"]["reviewEvent"]["event"]["version"] for each in answers]
    assert versions == [2, 2, 2, 2]
    again = await review(service, id=event, verdict="REJECTED", clientMutationId="twice")
    assert again["data"]["reviewEvent"]["event"]["version"] == 2
    changed = await review(service, id=event, verdict="CONFIRMED")
    assert changed["data"]["reviewEvent"]["event"]["version"] == 3
    stored = await ask(service, EVENT, [], id=event)
    assert stored["data"]["event"] == {"version": 3, "verdict": "CONFIRMED", "phase": "REVIEWED"}


async def test_an_id_belongs_to_one_review(service: Service, stores: EventStores) -> None:
    event, other = await opened(stores, 8), await opened(stores, 9)
    given = {"id": event, "verdict": "CONFIRMED", "note": "a", "clientMutationId": "mine"}
    first = await review(service, **given)
    assert first["data"]["reviewEvent"]["event"]["version"] == 2
    for change in ({"verdict": "REJECTED"}, {"note": "b"}, {"note": None}, {"id": other}):
        answer = await review(service, **(given | change))
        assert code_of(answer) == "MUTATION_ID_REUSED"
        assert answer["errors"][0]["extensions"]["clientMutationId"] == "mine"
    assert await review(service, **given) == first
    for each, version in ((event, 2), (other, 1)):
        stored = await ask(service, EVENT, [], id=each)
        assert stored["data"]["event"]["version"] == version


async def test_two_verdicts_at_once_under_one_id(service: Service, stores: EventStores) -> None:
    """One is stored; who sent the other is told so."""
    event = await opened(stores, 10)
    verdicts = ["CONFIRMED", "REJECTED"] * 3
    answers = await asyncio.gather(
        *(review(service, id=event, verdict=each, clientMutationId="race") for each in verdicts)
    )
    stored = (await ask(service, EVENT, [], id=event))["data"]["event"]
    assert stored["version"] == 2
    for verdict, answer in zip(verdicts, answers, strict=True):
        if verdict == stored["verdict"]:
            assert answer["data"]["reviewEvent"]["event"]["version"] == 2
        else:
            assert code_of(answer) == "MUTATION_ID_REUSED"
    print(f"sent={len(verdicts)} stored=1 refused={sum('errors' in each for each in answers)}")


async def test_a_closed_event_can_be_reviewed(service: Service, stores: EventStores) -> None:
    event = await opened(stores, 3)
    await stores.send([gone(camera(3))])
    await stores.settled()
    payload = (await review(service, id=event, verdict="REJECTED"))["data"]["reviewEvent"]
    assert (payload["event"]["version"], payload["event"]["status"]) == (3, "CLOSED")


async def test_precision_of_each_rule_and_camera(service: Service, stores: EventStores) -> None:
    found = []
    for number, verdict in ((4, "CONFIRMED"), (4, "CONFIRMED"), (4, "REJECTED"), (5, None)):
        event = await opened(stores, number, rule="precise", zone=f"zone {len(found)}")
        found.append(event)
        if verdict:
            await review(service, id=event, verdict=verdict)
    answer = await ask(service, PRECISION, [], rule="precise")
    by_camera = {group["keys"][1]["value"]: group for group in answer["data"]["eventStatistics"]}
    first, second = by_camera[camera(4)], by_camera[camera(5)]
    assert (first["count"], first["confirmed"], first["rejected"]) == (3, 2, 1)
    assert first["precision"] == pytest.approx(2 / 3)
    assert first["keys"][1]["name"]
    assert (second["count"], second["precision"]) == (1, None)


async def test_what_is_refused(service: Service, stores: EventStores) -> None:
    event = await opened(stores, 6)
    assert code_of(await review(service, id="0" * 32, verdict="CONFIRMED")) == "NOT_FOUND"
    long = await review(service, id=event, verdict="CONFIRMED", note="x" * 2_001)
    assert code_of(long) == "BAD_USER_INPUT"
    given = {"id": event, "verdict": "CONFIRMED"}
    assert code_of(await ask(service, REVIEW, [], input=given)) == "FORBIDDEN"
    stored = await ask(service, EVENT, [], id=event)
    assert stored["data"]["event"]["version"] == 1


async def test_without_ingest_it_is_accepted_and_stored_later(
    service: Service, stores: EventStores, ingest: IngestProcess
) -> None:
    event = await opened(stores, 7)
    ingest.kill()
    answer = await review(service, id=event, verdict="CONFIRMED", clientMutationId="later")
    payload = answer["data"]["reviewEvent"]
    assert (payload["status"], payload["event"]["version"]) == ("ACCEPTED", 1)
    again = await review(service, id=event, verdict="CONFIRMED", clientMutationId="later")
    assert again["data"]["reviewEvent"]["status"] == "ACCEPTED"
    with stores.ingest():
        await stores.settled()
        done = await review(service, id=event, verdict="CONFIRMED", clientMutationId="later")
    payload = done["data"]["reviewEvent"]
    assert (payload["status"], payload["event"]["version"]) == ("STORED", 2)
