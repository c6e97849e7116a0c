"""A department joins with a subgraph of its own: from the check to the removal, all of it real."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.city import City
from tests.acceptance.department import SDL, Department
from tests.small_district import grid_code

LAMP = f"L{grid_code(0)}001"
WATTS = f'query LampWatts {{ streetLamp(code: "{LAMP}") {{ watts }} }}'
ACROSS = f"""{{
  grid(code: "{grid_code(0)}") {{ name streetLamps(first: 1) {{ code grid {{ name }} }} }}
  building(code: "B6") {{ name floors chargingAdvice }}
}}"""
REPORT = f'mutation {{ reportLampFault(code: "{LAMP}", note: "dark") {{ state fault faultBy }} }}'


@dataclass
class Joining:
    """How the department joined."""

    checked: str
    added: str
    seconds: float


@pytest.fixture(scope="module")
def joined(city: City, office: Department) -> Iterator[Joining]:
    """The department, checked and added while the gateway runs."""
    assert city.ask(WATTS)["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    checked = city.hub("check", SDL, "--name", office.name, "--url", office.url)
    added = city.add(office)
    seconds = city.until("StreetLamp", "watts")
    assert (checked.returncode, added.returncode) == (0, 0), checked.stdout + added.stdout
    city.data_of(WATTS)  # in use from here on
    yield Joining(checked.stdout, added.stdout, seconds)
    if city.has("StreetLamp", "watts"):
        city.leave()
        city.until("StreetLamp", "watts", there=False)


def claims_of(authorization: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    part = authorization.removeprefix("Bearer ").split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def error_of(body: dict[str, Any]) -> tuple[Any, Any]:
    """Path and code of the one error."""
    (error,) = body["errors"]
    return error.get("path"), error["extensions"]["code"]


def test_it_joins_while_the_gateway_runs(joined: Joining) -> None:
    assert joined.checked.splitlines()[0] == "Nothing speaks against it."
    assert "Grid.streetLamps" in joined.checked
    assert joined.added.startswith("Stored as version ")
    assert joined.seconds < 10
    print(f"in force {joined.seconds:.1f} s after hub federation add")


def test_it_is_queried_with_the_hub(city: City, joined: Joining) -> None:
    lamp = {"code": LAMP, "grid": {"name": "网格1"}}
    assert city.data_of(ACROSS) == {
        "grid": {"name": "网格1", "streetLamps": [lamp]},
        "building": {"name": "楼栋6", "floors": 7, "chargingAdvice": "2 posts for 7 floors"},
    }
    found = city.data_of(
        f'{{ streetLamp(code: "{LAMP}") {{ source grid {{ name community {{ name }} }} }} }}'
    )
    grid = {"name": "网格1", "community": {"name": "第1社区"}}
    assert found == {"streetLamp": {"source": "generated", "grid": grid}}
    found = city.data_of("{ streetLamps(first: 100) { code grid { name } } }")
    assert len(found["streetLamps"]) == 36
    assert {each["grid"]["name"] for each in found["streetLamps"]} == {
        f"网格{i + 1}" for i in range(12)
    }


def test_requires_gets_the_hubs_field_without_its_being_asked(city: City, joined: Joining) -> None:
    query = '{ building(code: "B1") { chargingAdvice chargingPosts { building { name } } } }'
    building = city.data_of(query)["building"]
    assert building["chargingAdvice"] == "1 posts for 2 floors"
    assert building["chargingPosts"] == [{"building": {"name": "楼栋1"}}] * 2


def test_an_inaccessible_field_is_not_in_the_api(city: City, joined: Joining) -> None:
    query = f'{{ streetLamp(code: "{LAMP}") {{ stockNumber }} }}'
    body = city.ask(query)
    assert "Cannot query field 'stockNumber'" in body["errors"][0]["message"]
    assert error_of(body)[1] == "GRAPHQL_VALIDATION_FAILED"
    assert not city.has("StreetLamp", "stockNumber")


def test_tags_and_shared_types_are_taken(city: City, office: Department, joined: Joining) -> None:
    query = f"""{{
      streetLamp(code: "{LAMP}") {{ contractor location {{ longitude }} }}
      building(code: "B0") {{ location {{ longitude }} }}
    }}"""
    found = city.data_of(query)
    assert found["streetLamp"]["contractor"] == "青岛第0照明有限公司"
    assert found["streetLamp"]["location"] == {"longitude": 120.0025}
    assert found["building"]["location"] == {"longitude": 120.0}


def test_what_belongs_to_others_is_refused_with_its_line(
    city: City, office: Department, joined: Joining
) -> None:
    text = SDL.read_text("utf-8").replace('"@tag"]', '"@tag", "@override"]')
    at = text.index('  "The street lamps in this grid')
    line = text[:at].count("\n") + 1
    claims = '  name: String\n  place: String @override(from: "places")\n'
    file = office.folder / "claims.graphql"
    file.write_text(text[:at] + claims + text[at:], "utf-8")
    refused = city.hub("check", file, "--name", office.name)
    assert refused.returncode == 1
    for told in (
        f"{file}:{line}: Grid.name belongs to the subgraph",
        f"{file}:{line + 1}: Grid.place: @override takes a field from another subgraph",
    ):
        assert told in refused.stdout, refused.stdout
    assert city.data_of(ACROSS)["grid"]["name"] == "网格1"


def test_a_partner_is_told_who_asks_and_nothing_else(
    city: City, office: Department, joined: Joining
) -> None:
    token = city.signed_in("韩梅梅", "steward")
    assert city.data_of(ACROSS, token)["building"]["floors"] == 7
    noted = office.headers[-1]
    claims = claims_of(noted["authorization"])
    assert (claims["sub"], claims["aud"]) == ("韩梅梅", office.name)
    assert (claims["iss"], claims["roles"]) == ("city-hub", ["steward"])
    assert claims["exp"] - claims["iat"] <= 900
    secret = city.federation.service.hub.gateway_key
    everything = json.dumps(office.headers)
    assert token["Authorization"].removeprefix("Bearer ") not in everything
    assert secret not in everything
    assert "x-hub-gateway" not in everything.lower()
    answer = city.ask("{ grids { totalCount } }", {"Authorization": noted["authorization"]})
    assert error_of(answer)[1] == "UNAUTHENTICATED"
    assert "'aud'" in answer["errors"][0]["message"]


def test_a_partner_accepts_no_token_but_its_own(
    city: City, office: Department, joined: Joining
) -> None:
    given = city.signed_in("li")["Authorization"]
    body = office.ask("{ streetLamps { code } }", Authorization=given)
    assert error_of(body)[1] == "UNAUTHENTICATED"


def test_a_partners_mutation_is_for_whom_the_partner_lets(
    city: City, office: Department, joined: Joining
) -> None:
    body = city.ask(REPORT)
    assert error_of(body) == (["reportLampFault"], "UNAUTHENTICATED")
    assert body["data"] == {"reportLampFault": None}
    lamp = city.data_of(REPORT, city.signed_in("li"))["reportLampFault"]
    assert lamp == {"state": "FAULTY", "fault": "dark", "faultBy": "li"}
    given = '{code: "B9", expectedVersion: 1, reason: "gone"}'
    both = REPORT.replace("{ report", f"{{ retireBuilding(input: {given}) {{ version }} report", 1)
    assert error_of(city.ask(both, city.signed_in("li")))[1] == "FORBIDDEN"
    query = f'{{ streetLamp(code: "{LAMP}") {{ fault faultBy }} }}'
    assert city.data_of(query)["streetLamp"] == {"fault": "dark", "faultBy": None}
    assert city.data_of(query, city.signed_in("wu"))["streetLamp"]["faultBy"] == "li"
    office.start()
    assert city.data_of(query)["streetLamp"]["fault"] == "dark"


def test_anonymous_callers_need_no_right_to_types_they_do_not_ask(
    city: City, joined: Joining
) -> None:
    query = f'{{ streetLamp(code: "{LAMP}") {{ grid {{ name }} }} }}'
    assert city.data_of(query) == {"streetLamp": {"grid": {"name": "网格1"}}}


def test_an_addition_is_taken(city: City, office: Department, joined: Joining) -> None:
    office.write("  watts: Int\n", "  watts: Int\n  heightMetres: Int\n")
    office.start()
    added = city.add(office)
    assert added.returncode == 0
    assert "It adds: StreetLamp.heightMetres" in added.stdout
    seconds = city.until("StreetLamp", "heightMetres")
    print(f"in force {seconds:.1f} s after the update")
    query = f'{{ streetLamp(code: "{LAMP}") {{ heightMetres watts }} }}'
    assert city.data_of(query) == {"streetLamp": {"heightMetres": 9, "watts": 90}}


def test_a_change_that_breaks_what_is_used_is_refused(
    city: City, office: Department, joined: Joining
) -> None:
    file = office.write("  watts: Int\n", "")
    deadline = time.monotonic() + 20
    while "LampWatts" not in (refused := city.hub("add", file, "--name", office.name)).stdout:
        assert time.monotonic() < deadline, refused.stdout
        assert refused.returncode == 1, "it was taken before the operation was recorded"
    assert refused.returncode == 1
    (told,) = [line for line in refused.stdout.splitlines() if "LampWatts" in line]
    assert "StreetLamp.watts" in told
    assert "Cannot query field 'watts' on type 'StreetLamp'." in told
    assert "Refused, as operations in use would break" in refused.stdout
    assert city.data_of(WATTS) == {"streetLamp": {"watts": 90}}


@pytest.mark.parametrize("how", ["down", "slow", "dying"])
def test_an_outage_costs_the_partners_fields_only(
    city: City, office: Department, joined: Joining, how: str
) -> None:
    most = city.federation.service.hub.settings.partner_seconds
    if how == "down":
        office.kill()
    elif how == "slow":
        office.start("--slow=20000")
    else:
        office.start("--die-at=streetLamps")
    began = time.monotonic()
    body = city.ask(ACROSS)
    assert time.monotonic() - began < most + 3
    assert body["data"] == {
        "grid": {"name": "网格1", "streetLamps": None},
        "building": {"name": "楼栋6", "floors": 7, "chargingAdvice": None},
    }
    assert {
        (tuple(each["path"]), each["extensions"]["code"], each["extensions"]["subgraph"])
        for each in body["errors"]
    } == {
        (path, "SUBGRAPH_UNAVAILABLE", office.name)
        for path in (("grid", "streetLamps"), ("building", "chargingAdvice"))
    }
    assert str(office.port) not in json.dumps(body)
    office.start()
    assert city.data_of(ACROSS)["building"]["chargingAdvice"] == "2 posts for 7 floors"


def test_it_leaves(city: City, office: Department, joined: Joining) -> None:
    left = city.leave()
    assert left.returncode == 0
    assert "LampWatts" in left.stdout  # named, and broken all the same: --accept-breaking
    assert "It takes away: " in left.stdout
    seconds = city.until("Grid", "streetLamps", there=False)
    print(f"gone {seconds:.1f} s after hub federation remove")
    assert error_of(city.ask(WATTS))[1] == "GRAPHQL_VALIDATION_FAILED"
    found = city.data_of('{ building(code: "B6") { name floors } }')
    assert found == {"building": {"name": "楼栋6", "floors": 7}}
