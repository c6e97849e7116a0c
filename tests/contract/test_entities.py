"""`_entities`, asked directly at the subgraphs: by whom, with what, at what cost."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio

from hub.app import schema_of
from hub.context import Hub
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from tests.contract.live import live_hub, load_small_district
from tests.contract.service import Service, serving
from tests.small_district import GRIDS, grid_code

NEW = "application/graphql-response+json"
QUERY = """
query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Grid { code name }
    ... on Community { code name }
    ... on Building { code name }
  }
}
"""
GRID = {"__typename": "Grid", "code": grid_code(0)}
COMMUNITY = {"__typename": "Community", "code": "370202001001"}
MEGABYTE = 1_000_000

Subgraphs = dict[str, Service]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def subgraphs(
    fresh_stores: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Subgraphs]:
    """The subgraphs places and firms, over the small district."""
    data = tmp_path_factory.mktemp("entities")
    with ExitStack() as running:
        single = running.enter_context(serving(live_hub(data, fresh_stores)))
        await load_small_district(single)
        made = {}
        for name in ("places", "firms"):
            settings = Settings(data=data, subgraph=name, districts="", reference_executor=True)
            hub = Hub(settings, schema_of(settings), at=fresh_stores)
            made[name] = running.enter_context(serving(hub))
        yield made


@pytest.fixture
def places(subgraphs: Subgraphs) -> Service:
    return subgraphs["places"]


def by_gateway(service: Service) -> dict[str, str]:
    return {"X-Hub-Gateway": service.hub.gateway_key}


async def ask(
    service: Service,
    representations: Any,
    headers: dict[str, str] | None = None,
    query: str = QUERY,
) -> httpx.Response:
    given = {"Accept": NEW} | (service.signed_in() if headers is None else headers)
    body = {"query": query, "variables": {"representations": representations}}
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(f"{service.url}/graphql", json=body, headers=given)


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


async def test_strangers_are_refused(subgraphs: Subgraphs) -> None:
    for name, service in subgraphs.items():
        answer = await ask(
            service,
            [],
            {},
            "query($representations: [_Any!]!) { _entities("
            "representations: $representations) { __typename } }",
        )
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED"), name
        assert answer.headers["www-authenticate"] == 'Bearer realm="city-hub"'


async def test_signed_in_callers_are_answered(places: Service) -> None:
    answer = await ask(places, [GRID])
    assert answer.json() == {"data": {"_entities": [{**GRID, "name": "网格1"}]}}


async def test_a_wrong_secret_is_refused(places: Service) -> None:
    for headers in ({"X-Hub-Gateway": "guessed"}, {"X-Hub-Gateway": ""}):
        answer = await ask(places, [GRID], headers)
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


async def test_a_gateway_sees_public_types_only_for_strangers(subgraphs: Subgraphs) -> None:
    places, firms = subgraphs["places"], subgraphs["firms"]
    answer = await ask(places, [GRID], by_gateway(places))
    assert answer.status_code == 200
    assert answer.json()["data"]["_entities"][0]["name"] == "网格1"
    query = """
    query($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Firm { code status } }
    }
    """
    firm = {"__typename": "Firm", "code": "none"}
    answer = await ask(firms, [firm], by_gateway(firms), query)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    answer = await ask(firms, [firm], by_gateway(firms) | firms.signed_in(), query)
    assert answer.json() == {"data": {"_entities": [None]}}


async def test_unknown_keys_give_null_in_place_and_duplicates_are_repeated(
    places: Service,
) -> None:
    unknown = {"__typename": "Grid", "code": "no such"}
    answer = await ask(places, [unknown, GRID, COMMUNITY, unknown, GRID])
    names = [each and each["name"] for each in answer.json()["data"]["_entities"]]
    assert names == [None, "网格1", "第1社区", None, "网格1"]


async def test_two_types_take_one_statement(places: Service) -> None:
    grids = [{"__typename": "Grid", "code": grid_code(i % GRIDS)} for i in range(100)]
    for given in ([GRID], [*grids, COMMUNITY, {"__typename": "Building", "code": "none"}]):
        headers = places.signed_in() | {"X-Hub-Explain": "1"}
        body = (await ask(places, given, headers)).json()
        assert len(body["data"]["_entities"]) == len(given)
        assert len(body["extensions"]["statements"]) == 1


async def test_the_reference_executor_answers_alike(places: Service) -> None:
    query = """query($representations: [_Any!]!) {
      _entities(representations: $representations) {
        __typename
        ... on Grid { id code buildings(first: 2, orderBy: [{name: DESC}]) {
          totalCount nodes { name grid { community { name } } } edges { cursor } } }
        ... on Community {
          grids(first: 3) { nodes { path { name } } } history { nodes { version } } }
      }
    }"""
    given = [GRID, COMMUNITY, {"__typename": "Grid", "code": "no such"}, GRID]
    compiled = await ask(places, given, query=query)
    headers = places.signed_in() | {"X-Hub-Executor": "reference"}
    reference = await ask(places, given, headers, query)
    assert compiled.json()["data"]["_entities"][0]["buildings"]["totalCount"] > 0
    assert reference.content == compiled.content


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"__typename": "Nothing", "code": "x"}, "resolves no type 'Nothing'"),
        ({"__typename": "Firm", "code": "x"}, "resolves no type 'Firm'"),
        ({"__typename": "Query"}, "resolves no type 'Query'"),
        ({"__typename": "Grid"}, "found by its key 'code'"),
        ({"__typename": "Grid", "id": "R3JpZDox"}, "found by its key 'code'"),
        ({"__typename": "Grid", "code": None}, "found by its key 'code'"),
        ({"__typename": "Grid", "code": 370202001001001}, "found by its key 'code'"),
        ({"__typename": "Grid", "code": ["x"]}, "found by its key 'code'"),
        ({"__typename": "Grid", "code": {"eq": "x"}}, "found by its key 'code'"),
        ({"code": "370202001001001"}, "must be an object with a '__typename'"),
        ({"__typename": 1, "code": "x"}, "must be an object with a '__typename'"),
        ({}, "must be an object with a '__typename'"),
        ("Grid", "must be an object with a '__typename'"),
        (7, "must be an object with a '__typename'"),
        ([GRID], "must be an object with a '__typename'"),
    ],
)
async def test_bad_representations_are_refused_by_place(
    places: Service, given: Any, told: str
) -> None:
    answer = await ask(places, [GRID, given])
    assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT"), answer.text
    message = answer.json()["errors"][0]["message"]
    assert "representations[1]" in message
    assert told in message


async def test_representations_that_are_no_list_of_values(places: Service) -> None:
    for given in (None, [None], [GRID, None]):
        answer = await ask(places, given)
        assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT"), answer.text


async def test_a_key_with_odd_characters_is_only_a_key(places: Service) -> None:
    odd = ["' OR 1=1 //", "`", "\u0000", "💡" * 1000, "}) DETACH DELETE n //"]
    answer = await ask(places, [{"__typename": "Grid", "code": each} for each in odd])
    assert answer.json()["data"]["_entities"] == [None] * len(odd), answer.text


async def test_ten_thousand_representations_take_bounded_memory(places: Service) -> None:
    grids = [{"__typename": "Grid", "code": grid_code(i % GRIDS)} for i in range(5_000)]
    unknown = [{"__typename": "Building", "code": f"none {i}"} for i in range(5_000)]
    given = [each for pair in zip(grids, unknown, strict=True) for each in pair]
    await ask(places, given)
    process = psutil.Process()
    before = process.memory_info().rss
    tracemalloc.start()
    try:
        for _ in range(3):
            answer = await ask(places, given)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    found = answer.json()["data"]["_entities"]
    assert len(found) == 10_000
    assert {each and each["__typename"] for each in found[::2]} == {"Grid"}
    assert set(found[1::2]) == {None}
    grown = process.memory_info().rss - before
    print(f"10,000 representations: {peak:,} bytes at most, the process grew by {grown:,}")
    assert peak < 100 * MEGABYTE
    assert grown < 200 * MEGABYTE


async def test_too_many_representations(places: Service) -> None:
    most = places.hub.settings.max_representations
    given = [{"__typename": "Grid", "code": "x"}] * (most + 1)
    answer = await ask(places, given)
    assert (answer.status_code, code(answer)) == (400, "TOO_COMPLEX")
    assert answer.json()["errors"][0]["extensions"]["limit"] == most
    answer = await ask(places, given[1:])
    assert answer.json() == {"data": {"_entities": [None] * most}}


async def test_a_body_over_a_subgraphs_limit(places: Service) -> None:
    most = places.hub.settings.max_representations * 200
    assert most > places.hub.settings.max_body_bytes
    answer = await ask(places, [{"__typename": "Grid", "code": "x" * most}])
    assert (answer.status_code, code(answer)) == (413, "PAYLOAD_TOO_LARGE")
