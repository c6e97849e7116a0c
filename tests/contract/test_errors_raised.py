"""Each code is raised by a request over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from resolvers.errors import all_codes
from tests.contract.service import Service
from tests.small_district import firm_code


def crossing() -> list[dict[str, float]]:
    corners = [(120.0, 36.0), (120.01, 36.01), (120.01, 36.0), (120.0, 36.01)]
    return [{"longitude": x, "latitude": y} for x, y in corners]


def venue(**other: Any) -> dict[str, Any]:
    return {"input": {"code": "V9001", "name": "海边小馆", "kind": "EATERY"} | other}


CREATE = "mutation($input: CreateVenueInput!) { createVenue(input: $input) { version } }"
CREATE_FIRM = "mutation($input: CreateFirmInput!) { createFirm(input: $input) { version } }"
MISTYPED = firm_code(1)[:-1] + ("0" if firm_code(1)[-1] != "0" else "1")
UPDATE = "mutation($input: UpdateVenueInput!) { updateVenue(input: $input) { version } }"
RETIRE = "mutation($input: RetireInput!) { retireVenue(input: $input) { version } }"
WITHIN = "query($w: [PositionInput!]) { venues(filter: {location: {within: $w}}) { totalCount } }"

READS: dict[str, tuple[str, dict[str, Any]]] = {
    "GRAPHQL_PARSE_FAILED": ("{", {}),
    "GRAPHQL_VALIDATION_FAILED": ("{ nothing }", {}),
    "TOO_COMPLEX": (
        '{ grid(code: "1") {' + "community { grids { nodes {" * 8 + "code" + "}}}" * 8 + "}}",
        {},
    ),
    "BAD_REQUEST": ("query A { __typename } query B { __typename }", {}),
    "BAD_USER_INPUT": ("query($code: String!) { venue(code: $code) { code } }", {"code": 1}),
    "CURSOR_INVALID": ('{ venues(after: "forged") { totalCount nodes { code } } }', {}),
    "PAGE_SIZE_INVALID": ("{ venues(first: 1001) { nodes { code } } }", {}),
    "POLYGON_INVALID": (WITHIN, {"w": crossing()}),
    "COORDINATES_INVALID": ("{ gridAt(longitude: 36.005, latitude: 120.015) { code } }", {}),
}
"""Code: a query that raises it, with its variables, by a signed-in caller."""

WRITES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "CODE_INVALID": [(CREATE_FIRM, {"input": {"code": MISTYPED, "name": "某公司"}})],
    "NOT_FOUND": [(UPDATE, {"input": {"code": "V9999", "expectedVersion": 1, "name": "x"}})],
    "ALREADY_EXISTS": [(CREATE, venue(code="V1"))],
    "UNKNOWN_REFERENCE": [(CREATE, venue(building="B9999"))],
    "CONFLICT": [
        (UPDATE, {"input": {"code": "V2", "expectedVersion": 1, "name": "a"}}),
        (UPDATE, {"input": {"code": "V2", "expectedVersion": 1, "name": "b"}}),
    ],
    "RETIRED": [
        (CREATE, venue(code="V9002")),
        (RETIRE, {"input": {"code": "V9002", "expectedVersion": 1, "reason": "closed"}}),
        (UPDATE, {"input": {"code": "V9002", "expectedVersion": 2, "name": "x"}}),
    ],
    "IN_USE": [(RETIRE, {"input": {"code": "V3", "expectedVersion": 1, "reason": "closed"}})],
    "MUTATION_ID_REUSED": [
        (CREATE, venue(code="V9003", clientMutationId="same")),
        (CREATE, venue(code="V9004", clientMutationId="same")),
    ],
}
"""Code: changes by a steward, the last of which raises it."""

ELSEWHERE = {
    "PAYLOAD_TOO_LARGE": "test_graphql_http.py::test_bad_bodies",
    "INTERNAL": "test_graphql_http.py::test_an_unexpected_exception",
    "DEADLINE_EXCEEDED": "test_operations.py::test_an_operation_that_takes_too_long",
    "STORE_UNAVAILABLE": "test_outage.py",
    "UNAUTHENTICATED": "test_callers.py",
    "FORBIDDEN": "here, below",
    "CURSOR_EXPIRED": "streams/test_cursors.py",
    "READER_TOO_SLOW": "streams/test_slow_readers.py",
    "TOO_MANY_STREAMS": "streams/test_protocol.py",
    "OVERLOADED": "streams/test_http_streams.py",
    "TOO_MANY_WEBHOOKS": "webhooks",
}


def test_the_tables_cover_every_code() -> None:
    assert set(READS) | set(WRITES) | set(ELSEWHERE) == set(all_codes())


async def ask(live: Service, query: str, variables: dict[str, Any], *roles: str) -> Any:
    async with httpx.AsyncClient(base_url=live.url) as client:
        request = {"query": query, "variables": variables}
        headers = live.signed_in(roles=roles)
        answer = await client.post("/graphql", json=request, headers=headers)
    assert answer.status_code < 500, answer.text
    return answer.json()


def codes(body: Any) -> set[str]:
    return {error["extensions"]["code"] for error in body.get("errors", [])}


@pytest.mark.parametrize("code", sorted(READS))
async def test_a_query_raises_it(live: Service, code: str) -> None:
    body = await ask(live, *READS[code])
    assert codes(body) == {code}, body


@pytest.mark.parametrize("code", sorted(WRITES))
async def test_a_change_raises_it(live: Service, code: str) -> None:
    *before, last = WRITES[code]
    for query, variables in before:
        assert "errors" not in await ask(live, query, variables, "steward")
    body = await ask(live, *last, "steward")
    assert codes(body) == {code}, body


async def test_a_change_without_the_role(live: Service) -> None:
    assert codes(await ask(live, CREATE, venue())) == {"FORBIDDEN"}
