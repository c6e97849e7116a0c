"""Mutations over HTTP: a steward's token, and the same errors with their paths."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.service import Service

UPDATE = """mutation($input: UpdateVenueInput!) {
  updateVenue(input: $input) { status version venue { name operator { code } } }
}"""


async def post(live: Service, query: str, variables: Any = None, **claims: Any) -> httpx.Response:
    """Send an operation with a token that has these claims."""
    headers = live.signed_in(**claims) if claims else {}
    async with httpx.AsyncClient(base_url=live.url, headers=headers) as client:
        return await client.post("/graphql", json={"query": query, "variables": variables})


async def test_a_steward_changes_a_record_and_reads_it_at_once(live: Service) -> None:
    given = {"code": "V11", "expectedVersion": 1, "name": "新店", "operator": None}
    answer = await post(live, UPDATE, {"input": given}, roles=["steward"])
    assert answer.status_code == 200
    assert answer.json() == {
        "data": {
            "updateVenue": {
                "status": "APPLIED",
                "version": 2,
                "venue": {"name": "新店", "operator": None},
            }
        }
    }
    read = await post(live, '{ venue(code: "V11") { name version } }', roles=[])
    assert read.json() == {"data": {"venue": {"name": "新店", "version": 2}}}


async def test_the_second_of_two_writers_gets_both_versions(live: Service) -> None:
    first = {"code": "V12", "expectedVersion": 1, "name": "一"}
    second = {"code": "V12", "expectedVersion": 1, "name": "二"}
    assert "errors" not in (await post(live, UPDATE, {"input": first}, roles=["steward"])).json()
    body = (await post(live, UPDATE, {"input": second}, roles=["steward"])).json()
    (error,) = body["errors"]
    assert error["path"] == ["updateVenue"]
    assert error["extensions"]["code"] == "CONFLICT"
    assert error["extensions"]["fields"] == {
        "name": {"base": "便利店12", "theirs": "一", "yours": "二"}
    }


async def test_without_the_role_nothing_is_changed(live: Service) -> None:
    given = {"input": {"code": "V13", "expectedVersion": 1, "name": "x"}}
    for claims, code in (({}, "UNAUTHENTICATED"), ({"roles": ["reader"]}, "FORBIDDEN")):
        body = (await post(live, UPDATE, given, **claims)).json()
        assert [error["extensions"]["code"] for error in body["errors"]] == [code]
    read = await post(live, '{ venue(code: "V13") { version } }', roles=[])
    assert read.json() == {"data": {"venue": {"version": 1}}}
