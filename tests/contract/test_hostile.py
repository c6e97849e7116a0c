"""What a hostile caller sends: refused before it costs anything, with a code and a path."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from resolvers.filter_size import MAX_CONDITIONS
from tests.contract.service import Service

CONDITIONS = [{"name": {"contains": f"a{i}"}} for i in range(MAX_CONDITIONS + 1)]
TRIANGLE = [
    {"longitude": 120.0, "latitude": 36.0},
    {"longitude": 120.1, "latitude": 36.0},
    {"longitude": 120.1, "latitude": 36.1},
]
GRIDS = "... on Grid { buildings(first: 1000) { nodes { code } } }"
IDS = ["R3JpZDozNzAyMDIwMDEwMDEwMDE"] * 1000

REFUSED: dict[str, tuple[str, dict[str, Any], str, list[str] | None]] = {
    "a filter of many conditions": (
        "query($f: VenueFilter) { venues(filter: $f) { totalCount } }",
        {"f": {"or": CONDITIONS}},
        "TOO_COMPLEX",
        None,
    ),
    "a filter of many empty filters": (
        "query($f: GridFilter) { grids(filter: $f) { totalCount } }",
        {"f": {"and": [{}] * (MAX_CONDITIONS + 1)}},
        "TOO_COMPLEX",
        None,
    ),
    "filters of events that are empty, or none in another": (
        "query($f: EventFilter) { events(filter: $f) { totalCount } }",
        {"f": {"or": [{"not": {"and": [{}]}}] * MAX_CONDITIONS}},
        "TOO_COMPLEX",
        None,
    ),
    "many polygons": (
        "query($f: EventFilter) { eventStatistics(by: [TYPE], filter: $f) { count } }",
        {"f": {"or": [{"position": {"within": TRIANGLE}}] * 6}},
        "TOO_COMPLEX",
        None,
    ),
    "variables of many parts": (
        "query($f: GridFilter) { grids(filter: $f) { totalCount } }",
        {"f": {"and": [{}] * 200_000}},
        "TOO_COMPLEX",
        None,
    ),
    "a list of many values": (
        "query($c: [String!]) { venues(filter: {code: {in: $c}}) { totalCount } }",
        {"c": ["x"] * 1001},
        "TOO_COMPLEX",
        ["venues"],
    ),
    "many fields that look at everything": (
        "{ "
        + " ".join(f"a{i}: statistics(of: Venue, by: [KIND]) {{ count }}" for i in range(6))
        + " }",
        {},
        "TOO_COMPLEX",
        ["a5"],
    ),
    "many ids with many records each": (
        f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {GRIDS} }} }}",
        {"ids": IDS},
        "TOO_COMPLEX",
        None,
    ),
    "too many records beside introspection": (
        '{ __type(name: "Venue") { name } grids(first: 1000) { nodes { code '
        "buildings(first: 1000) { nodes { code } } } } }",
        {},
        "TOO_COMPLEX",
        None,
    ),
    "a number that overflows": (
        "{ gridAt(longitude: 1e400, latitude: 0) { code } }",
        {},
        "BAD_USER_INPUT",
        None,
    ),
    "a page that is too large, deep inside": (
        '{ grid(code: "370202001001001") { b: buildings(first: 5000) { nodes { code } } } }',
        {},
        "PAGE_SIZE_INVALID",
        ["grid", "b"],
    ),
    "a forged cursor": (
        '{ v: venues(after: "forged") { nodes { code } } }',
        {},
        "CURSOR_INVALID",
        ["v"],
    ),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
async def test_it_is_refused(live: Service, what: str) -> None:
    query, variables, code, path = REFUSED[what]
    answer = await ask(live, query, variables)
    body = answer.json()
    assert answer.status_code == 400, body
    assert "data" not in body
    assert [e["extensions"]["code"] for e in body["errors"]] == [code], body
    if path is not None:
        assert body["errors"][0]["path"] == path


async def test_introspection_beside_data_costs_what_the_data_costs(
    live: Service, form: str
) -> None:
    query = '{ a: __typename t: __type(name: "Venue") { name } venue(code: "V1") { code } }'
    answer = await ask(live, query, {}, explain=True)
    body = answer.json()
    assert list(body["data"].items()) == [
        ("a", "Query"),
        ("t", {"name": "Venue"}),
        ("venue", {"code": "V1"}),
    ]
    if form == "process":  # the gateway tells no statements
        assert len(body["extensions"]["statements"]) == 1


async def ask(
    live: Service, query: str, variables: dict[str, Any], explain: bool = False
) -> httpx.Response:
    headers = live.signed_in() | {"Accept": "application/graphql-response+json"}
    if explain:
        headers["X-Hub-Explain"] = "1"
    async with httpx.AsyncClient(base_url=live.url) as client:
        return await client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
