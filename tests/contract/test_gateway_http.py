"""Raw requests are answered alike by the single process and by the gateway, over the same stores.

What differs is named in `DIFFERENT`, and told in docs/federation.md.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.differential.test_gateway import numbers_alike
from tests.contract.federated import Federation, federated
from tests.contract.live import live_hub, load_small_district
from tests.contract.raw_requests import FIRMS, GRID, JSON, REQUESTS, Raw, asking
from tests.contract.service import Service, serving

TOLD = ("content-type", "allow", "www-authenticate", "cache-control")

DIFFERENT: dict[str, tuple[int, int]] = {
    "Accept of event streams": (200, 200),
    "Accept of parts": (200, 200),
    "an unknown method": (400, 400),
    "a gateway's secret": (401, 401),
    "introspection": (200, 200),
}
"""Requests that the gateway answers in other words: status of the single process, and its own."""

FIRMS_ASKED = asking(FIRMS).content

Both = tuple[Service, Federation]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both(
    fresh_stores: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Both]:
    """The single process and the federation, with one data folder and the same stores."""
    data = tmp_path_factory.mktemp("raw")
    with ExitStack() as running:
        single = running.enter_context(serving(live_hub(data, fresh_stores)))
        federation = running.enter_context(federated(data, fresh_stores))
        await load_small_district(single)
        yield single, federation


@pytest.mark.parametrize("what", list(REQUESTS))
async def test_the_gateway_answers_like_the_single_process(both: Both, what: str) -> None:
    single, federation = both
    alone = await sent(single.url, single, REQUESTS[what])
    through = await sent(federation.url, single, REQUESTS[what])
    if what in DIFFERENT:
        assert (alone["status"], through["status"]) == DIFFERENT[what]
        assert through != alone, "it is alike by now"
    else:
        assert through == alone


async def test_a_body_too_large_that_does_not_say_so(both: Both) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 100_000

    async with httpx.AsyncClient(timeout=30) as client:
        for each in both:
            answer = await client.post(
                f"{each.url}/graphql", content=pieces(), headers={"Content-Type": JSON}
            )
            code = answer.json()["errors"][0]["extensions"]["code"]
            assert (answer.status_code, code) == (413, "PAYLOAD_TOO_LARGE")


async def test_headers_over_16_kb_are_refused_and_the_next_request_is_answered(both: Both) -> None:
    single, federation = both
    for size in (20_000, 1_000_000):
        asked = asking(GRID, extra=(("X-Long", "x" * size),))
        with suppress(httpx.TransportError):  # closed while the headers were still being sent
            assert (await sent(federation.url, single, asked))["status"] == 431
        assert (await sent(federation.url, single, asking(GRID)))["status"] == 200


async def test_no_secret_passes_the_gateway(both: Both) -> None:
    """A subgraph refuses a wrong secret, so a query that is answered shows that it got none."""
    single, federation = both
    right = federation.subgraphs["directory"].hub.gateway_key
    for secret in ("guessed", right, ""):
        extra = (("X-Hub-Gateway", secret), ("X-Hub-Gateway", right))
        asked = asking(GRID, signed_in=False, extra=extra)
        answer = await sent(federation.url, single, asked)
        assert answer["status"] == 200
        answer = await sent(federation.url, single, replace(asked, content=FIRMS_ASKED))
        assert answer["status"] == 401
        assert answer["body"][1][0][2] == "UNAUTHENTICATED"


async def test_what_is_for_the_gateway_is_not_behind_it(both: Both) -> None:
    _, federation = both
    right = federation.subgraphs["directory"].hub.gateway_key
    async with httpx.AsyncClient(headers={"X-Hub-Gateway": right}) as client:
        for path in ("/graphql/check", "/federation/supergraph", "/metrics", "/ready"):
            assert (await client.get(f"{federation.url}{path}")).status_code == 404, path
        del client.headers["x-hub-gateway"]
        directory = federation.subgraphs["directory"].url
        for path in ("/graphql/check?query={__typename}", "/federation/supergraph"):
            assert (await client.get(f"{directory}{path}")).status_code == 403, path


async def test_no_page_of_another_site_is_let_in(both: Both) -> None:
    async with httpx.AsyncClient(headers={"Origin": "https://elsewhere.example"}) as client:
        for each in both:
            answer = await client.post(f"{each.url}/graphql", json={"query": "{ __typename }"})
            assert not any(name.startswith("access-control") for name in answer.headers)


async def sent(url: str, signing: Service, raw: Raw) -> dict[str, Any]:
    """What must be the same of the answer: not locations, nor extensions beside the code."""
    token = signing.signed_in(roles=["steward"]) if raw.signed_in else {}
    headers = [*raw.headers, *token.items(), *raw.extra]
    async with httpx.AsyncClient(timeout=30) as client:
        del client.headers["accept"]
        answer = await client.request(
            raw.method, f"{url}/graphql{raw.parameters}", content=raw.content, headers=headers
        )
    told = {name: answer.headers[name] for name in TOLD if name in answer.headers}
    return {"status": answer.status_code, **told, "body": body_of(answer)}


def body_of(answer: httpx.Response) -> Any:
    """The answer's body: data with the order of keys, and of errors message, path and code."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text
    errors = [
        (each["message"], each.get("path"), each.get("extensions", {}).get("code"))
        for each in body.get("errors", [])
    ]
    return json.dumps(numbers_alike(body.get("data")), ensure_ascii=False), errors
