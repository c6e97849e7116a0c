"""The hub's fields below a partner's are judged before the run, as anywhere; the partner is not
asked for what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hostile_partner.site import Site
from tests.contract.raw_requests import JSON, NEW

COSTLY = (
    "buildings(first: 1000) { nodes { venues(first: 1000) { nodes { code "
    "licences(first: 1000) { nodes { code } } } } } }"
)
TOO_LONG = "cameras(first: 100000) { totalCount }"
CAMERAS = "cameras { totalCount }"

UNDER: dict[str, tuple[str, dict[str, Any] | None]] = {
    "plainly": ("{ lamps { grid { name INNER } } }", None),
    "under aliases": ("{ a: lamps { b: grid { c: name INNER } } }", None),
    "in an inline fragment": ("{ ... { lamps { ... on Lamp { grid { ... { INNER } } } } } }", None),
    "in named fragments": (
        "query Q { ...R } fragment R on Query { lamps { ...L } } "
        "fragment L on Lamp { grid { ...G } } fragment G on Grid { name INNER }",
        None,
    ),
    "with a variable that includes": (
        "query($yes: Boolean!) { lamps { grid @include(if: $yes) { INNER } } }",
        {"yes": True},
    ),
    "below the hub's below the partner's": (
        "{ lamps { grid { lamps { grid { INNER } } } } }",
        None,
    ),
    "below the partner's below the hub's": (
        "{ grids(first: 1) { nodes { lamps { grid { INNER } } } } }",
        None,
    ),
    "beside a field of the hub": (
        "{ grids(first: 1) { totalCount } lamps { grid { INNER } } }",
        None,
    ),
}


async def refused(
    site: Site, query: str, variables: dict[str, Any] | None = None, **given: Any
) -> tuple[int, str]:
    """Status and code of a refusal before the run: no data, and the partner was not asked."""
    answer = await site.ask(query, variables, **given)
    body = answer.json()
    assert body.get("data") is None, answer.text[:2_000]
    assert body.get("errors"), answer.text[:2_000]
    assert site.partner.asked == []
    return answer.status_code, body["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("how", list(UNDER))
async def test_too_costly(site: Site, how: str) -> None:
    query, variables = UNDER[how]
    _, code = await refused(site, query.replace("INNER", COSTLY), variables)
    assert code == "TOO_COMPLEX"


@pytest.mark.parametrize("how", list(UNDER))
async def test_a_page_too_long(site: Site, how: str) -> None:
    query, variables = UNDER[how]
    _, code = await refused(site, query.replace("INNER", TOO_LONG), variables)
    assert code == "PAGE_SIZE_INVALID"


@pytest.mark.parametrize("how", list(UNDER))
async def test_a_stranger_who_asks_for_what_is_not_open(site: Site, how: str) -> None:
    query, variables = UNDER[how]
    query = query.replace("INNER", CAMERAS)
    status, code = await refused(site, query, variables, signed_in=False, Accept=NEW)
    assert (status, code) == (401, "UNAUTHENTICATED")
    _, code = await refused(site, query, variables, signed_in=False, Accept=JSON)
    assert code == "UNAUTHENTICATED"


@pytest.mark.parametrize("how", list(UNDER))
async def test_who_is_signed_in_is_answered(site: Site, how: str) -> None:
    query, variables = UNDER[how]
    answer = await site.ask(query.replace("INNER", CAMERAS), variables)
    body = answer.json()
    assert (answer.status_code, "errors" in body) == (200, False), answer.text[:2_000]
    assert "totalCount" in answer.text


async def test_a_stranger_is_answered_what_is_open(site: Site) -> None:
    query = "{ lamps { code grid { name } } }"
    answer = await site.ask(query, signed_in=False, Accept=NEW)
    body = answer.json()
    assert (answer.status_code, "errors" in body) == (200, False), body
    assert body["data"]["lamps"][0] == {"code": "L0", "grid": {"name": "网格1"}}


async def test_page_sizes_in_variables(site: Site) -> None:
    query = (
        "query($n: Int) { lamps { ...L } } fragment L on Lamp { grid { ...G } } "
        "fragment G on Grid { name cameras(first: $n) { totalCount } }"
    )
    _, code = await refused(site, query, {"n": 100_000})
    assert code == "PAGE_SIZE_INVALID"
    assert "errors" not in (await site.ask(query, {"n": 1})).json()


async def test_page_sizes_that_multiply_in_variables(site: Site) -> None:
    query = f"query($n: Int! = 1000) {{ lamps {{ grid {{ {COSTLY.replace('1000', '$n')} }} }} }}"
    for variables in ({"n": 1000}, {}, None):
        _, code = await refused(site, query, variables)
        assert code == "TOO_COMPLEX"
    assert "errors" not in (await site.ask(query, {"n": 1})).json()


async def test_a_variable_that_is_no_number(site: Site) -> None:
    query = "query($n: Int) { lamps { grid { cameras(first: $n) { totalCount } } } }"
    answer = await site.ask(query, {"n": "many"})
    assert answer.json().get("data") is None
    assert site.partner.asked == []


async def test_the_header_upgrade_changes_nothing(site: Site) -> None:
    aliases = " ".join(f"a{i}: code" for i in range(300))
    query = f"{{ lamps {{ {aliases} }} }}"
    without = await refused(site, query)
    assert without[1] == "TOO_COMPLEX"
    assert await refused(site, query, Upgrade="x") == without
    assert await refused(site, "{ nothing }", Upgrade="x") == await refused(site, "{ nothing }")


async def test_the_header_upgrade_lets_no_large_body_in(site: Site) -> None:
    query = f"# {'x' * 3_000_000}\n{{ lamps {{ code }} }}"
    for answer in (await site.ask(query), await site.ask(query, Upgrade="x")):
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
    assert site.partner.asked == []
