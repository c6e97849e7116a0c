"""createX, updateX and retireX through the executor, over real stores."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.errors import (
    CursorInvalid,
    Forbidden,
    HubError,
    PageSizeInvalid,
    TooComplex,
    Unauthenticated,
)
from resolvers.rights import ANONYMOUS, Caller
from tests.contract.mutations.conftest import Ask, Bench
from tests.small_district import firm_code, grid_code

CREATE = """mutation($input: CreateVenueInput!) {
  createVenue(input: $input) {
    status version position clientMutationId
    venue { id code name kind version source flags location { longitude latitude }
            grid { code } operator { code } building { code } path { code }
            history { nodes { version operation reason actor } } }
  }
}"""
UPDATE = """mutation($input: UpdateVenueInput!) {
  updateVenue(input: $input) {
    status version position venue { version name address floorArea kind grid { code }
    operator { code } history(first: 1) { nodes { before after } } }
  }
}"""
RETIRE = """mutation($input: RetireInput!) {
  retireVenue(input: $input) { status version venue { code retiredAt } }
}"""
READ = "query($code: String!) { venue(code: $code) { version name retiredAt } }"


def venue(code: str, **other: Any) -> dict[str, Any]:
    """An input for a venue."""
    given = {"code": code, "name": "天山门店", "kind": "SHOP", **other}
    return {"input": given}


async def made(ask: Ask, code: str, **other: Any) -> dict[str, Any]:
    """Make a venue; gives the payload."""
    answer = await ask(CREATE, venue(code, **other))
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"]["createVenue"]
    return payload


async def test_a_record_is_created_and_visible(ask: Ask) -> None:
    payload = await made(
        ask,
        "N1",
        location={"longitude": 120.005, "latitude": 36.005},
        operator=firm_code(0),
        building="B0",
        reason="opened",
        clientMutationId="first",
    )
    assert payload["status"] == "APPLIED"
    assert payload["version"] == 1
    assert int(payload["position"]) > 0
    assert payload["clientMutationId"] == "first"
    there = payload["venue"]
    assert there["grid"] == {"code": grid_code(0)}
    assert there["operator"] == {"code": firm_code(0)}
    assert there["location"] == {"longitude": 120.005, "latitude": 36.005}
    assert there["path"][0] == {"code": "370202"}
    assert there["history"]["nodes"] == [
        {"version": 1, "operation": "CREATED", "reason": "opened", "actor": "steward@test"}
    ]
    read = await ask(READ, {"code": "N1"})
    assert read["data"]["venue"] == {"version": 1, "name": "天山门店", "retiredAt": None}


async def test_what_is_left_out_stays_and_null_clears(ask: Ask) -> None:
    await made(ask, "N2", address="1", floorArea=2.5, operator=firm_code(1))
    given = {"code": "N2", "expectedVersion": 1, "address": None, "name": "新"}
    answer = await ask(UPDATE, {"input": given})
    payload = answer["data"]["updateVenue"]
    assert payload["version"] == 2
    there = payload["venue"]
    assert (there["address"], there["floorArea"], there["name"]) == (None, 2.5, "新")
    assert there["operator"] == {"code": firm_code(1)}
    change = there["history"]["nodes"][0]
    assert change["before"]["fields"]["address"] == "1"
    assert change["before"]["fields"]["floorArea"] == 2.5
    assert "address" not in change["after"]["fields"]
    literal = """mutation { updateVenue(input: {code: "N2", expectedVersion: 2, operator: null}) {
        version venue { operator { code } floorArea } } }"""
    answer = await ask(literal)
    assert answer["data"]["updateVenue"]["venue"] == {"operator": None, "floorArea": 2.5}


async def test_an_absent_variable_is_left_out_and_a_null_one_clears(ask: Ask) -> None:
    await made(ask, "N3", address="1", floorArea=2.5)
    query = """mutation($a: String, $f: Float) { updateVenue(input:
        {code: "N3", expectedVersion: 1, address: $a, floorArea: $f}) {
        venue { address floorArea } } }"""
    answer = await ask(query, {"f": None})
    assert answer["data"]["updateVenue"]["venue"] == {"address": "1", "floorArea": None}


async def test_a_retired_record_leaves_the_lists(ask: Ask) -> None:
    await made(ask, "N4")
    given = {"code": "N4", "expectedVersion": 1, "reason": "closed"}
    answer = await ask(RETIRE, {"input": given})
    payload = answer["data"]["retireVenue"]
    assert payload["version"] == 2
    assert payload["venue"]["retiredAt"] is not None
    listed = await ask('{ venues(filter: {code: {eq: "N4"}}) { totalCount } }')
    assert listed["data"]["venues"]["totalCount"] == 0
    assert (await ask(READ, {"code": "N4"}))["data"]["venue"]["version"] == 2


async def test_a_conflict_tells_both_versions_field_by_field(ask: Ask) -> None:
    await made(ask, "N5", address="old")
    first = {"code": "N5", "expectedVersion": 1, "address": "theirs"}
    assert "errors" not in await ask(UPDATE, {"input": first})
    second = {"code": "N5", "expectedVersion": 1, "address": "mine", "name": "mine"}
    answer = await ask(UPDATE, {"input": second})
    (error,) = answer["errors"]
    assert error["path"] == ["updateVenue"]
    details = error["extensions"]
    assert details["code"] == "CONFLICT"
    assert (details["yourVersion"], details["theirVersion"]) == (1, 2)
    assert details["fields"] == {
        "address": {"base": "old", "theirs": "theirs", "yours": "mine"},
        "name": {"base": "天山门店", "theirs": "天山门店", "yours": "mine"},
    }


async def test_the_same_mutation_id_repeats_safely(ask: Ask) -> None:
    first = await made(ask, "N6", clientMutationId="once")
    again = await made(ask, "N6", clientMutationId="once")
    assert again == first
    answer = await ask(CREATE, venue("N7", clientMutationId="once"))
    assert answer["errors"][0]["extensions"]["code"] == "MUTATION_ID_REUSED"


async def test_mutations_run_one_after_the_other(ask: Ask) -> None:
    answer = await ask("""mutation {
        a: createVenue(input: {code: "S1", name: "a", kind: SHOP}) { version }
        b: updateVenue(input: {code: "S1", expectedVersion: 1, name: "b"}) { version }
        c: retireVenue(input: {code: "S1", expectedVersion: 2, reason: "c"}) {
          version venue { name __typename } }
    }""")
    assert answer == {
        "data": {
            "a": {"version": 1},
            "b": {"version": 2},
            "c": {"version": 3, "venue": {"name": "b", "__typename": "Venue"}},
        }
    }


async def test_every_type_has_its_mutations(ask: Ask) -> None:
    answer = await ask("""mutation {
        createBuilding(input: {code: "NB", name: "b", use: OFFICE, floors: 3}) {
          building { use floors } }
        createDepartment(input: {code: "ND", name: "d", kind: HOUSING}) { department { kind } }
        createLicenceKind(input: {code: "NK", name: "k", electronic: false, issuer: "ND"}) {
          licenceKind { electronic issuer { name } } }
        createCamera(input: {code: "37020200001320999999", name: "c", watches: ["V1", "V0"]}) {
          camera { watches { code } } }
        createCommunity(input: {code: "370202001009", name: "c", subdistrict: "370202001",
          boundary: {type: "Polygon", coordinates: [[[1, 1], [2, 1], [2, 2], [1, 1]]]}}) {
          community { boundary subdistrict { code } } }
    }""")
    assert answer["data"] == {
        "createBuilding": {"building": {"use": "OFFICE", "floors": 3}},
        "createDepartment": {"department": {"kind": "HOUSING"}},
        "createLicenceKind": {"licenceKind": {"electronic": False, "issuer": {"name": "d"}}},
        "createCamera": {"camera": {"watches": [{"code": "V0"}, {"code": "V1"}]}},
        "createCommunity": {
            "community": {
                "boundary": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]},
                "subdistrict": {"code": "370202001"},
            }
        },
    }


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": "V1"}, "ALREADY_EXISTS", "code"),
        ({"code": "X1", "operator": "nobody"}, "UNKNOWN_REFERENCE", "operator"),
        ({"code": "X2", "location": {"longitude": 36.0, "latitude": 120.0}},
         "COORDINATES_INVALID", "location"),
    ],
)  # fmt: skip
async def test_errors_name_the_field(
    ask: Ask, given: dict[str, Any], code: str, field: str
) -> None:
    answer = await ask(CREATE, venue(**given))
    (error,) = answer["errors"]
    assert error["path"] == ["createVenue"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, field)


@pytest.mark.parametrize(
    ("selection", "error"),
    [
        ("history(first: -1) { nodes { version } }", PageSizeInvalid),
        ('licences(after: "forged") { totalCount }', CursorInvalid),
        ("grid { venues(first: 1000) { nodes { watched: cameras(first: 1000) "
         "{ nodes { name } } } } }", TooComplex),
    ],
)  # fmt: skip
async def test_a_payload_that_cannot_be_answered_changes_nothing(
    ask: Ask, selection: str, error: type[HubError]
) -> None:
    query = f"""mutation($input: CreateVenueInput!) {{
        createVenue(input: $input) {{ venue {{ {selection} }} }} }}"""
    with pytest.raises(error):
        await ask(query, venue("X4"))
    assert (await ask(READ, {"code": "X4"}))["data"]["venue"] is None


async def test_introspection_does_not_open_what_stands_beside_it(ask: Ask) -> None:
    beside = "{ __schema { queryType { name } } venues { totalCount } }"
    with pytest.raises(Unauthenticated):
        await ask(beside, caller=ANONYMOUS)
    answer = await ask(beside)
    assert answer["data"]["__schema"] == {"queryType": {"name": "Query"}}
    assert answer["data"]["venues"]["totalCount"] > 0


async def test_only_stewards_may(ask: Ask) -> None:
    with pytest.raises(Unauthenticated):
        await ask(CREATE, venue("X3"), caller=ANONYMOUS)
    with pytest.raises(Forbidden):
        await ask(CREATE, venue("X3"), caller=Caller("reader"))
    assert (await ask(READ, {"code": "X3"}))["data"]["venue"] is None


async def test_a_logged_change_is_answered_from_the_log(ask: Ask, bench: Bench) -> None:
    given = venue(
        "L1",
        location={"longitude": 120.015, "latitude": 36.005},
        operator=firm_code(2),
        address="天山路",
    )
    query = """mutation($input: CreateVenueInput!) { createVenue(input: $input) { status version
        venue { code name address version recordedAt location { longitude } operator { code }
                grid { code } path { code } cameras { totalCount } } } }"""
    answer = await ask(query, given, executor=bench.without_projection())
    payload = answer["data"]["createVenue"]
    assert "errors" not in answer
    assert payload["status"] == "LOGGED"
    there = payload["venue"]
    assert there["recordedAt"].endswith("Z")
    assert (there["address"], there["version"]) == ("天山路", 1)
    assert there["operator"] == {"code": firm_code(2)}
    assert there["grid"] == {"code": grid_code(1)}
    assert there["path"][-1] == {"code": grid_code(1)}
    assert there["location"] == {"longitude": 120.015}
