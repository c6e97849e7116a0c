"""What passes of a partner's errors: message and code, under the partner's name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hostile_partner.partner import Asked, Reply, answering
from tests.contract.hostile_partner.site import GRIDS, HONEST, Site, the_hubs
from tests.contract.raw_requests import JSON, NEW

HTTP = {
    "status": 418,
    "headers": {
        "set-cookie": "a=b",
        "access-control-allow-origin": "*",
        "location": "http://elsewhere.example/",
        "x-lamps": "1",
    },
}
EXTENSIONS = {
    "code": "LAMP_BROKEN",
    "http": HTTP,
    "subgraph": "places",
    "serviceName": "places",
    "stack": "at /srv/lamps/main.js:1",
    "x": {"y": [1]},
}
ROOT = f"{{ lamps {{ code }} {GRIDS} }}"
BELOW = f"{{ {GRIDS.replace('name', 'name lampCount')} }}"


def failing(message: Any = "the lamp is broken", **extensions: Any) -> Any:
    """A behaviour: an error beside no data."""

    def behave(_asked: Asked) -> Reply:
        error = {"message": message, "extensions": EXTENSIONS | extensions}
        body = {"errors": [error], "data": None, "extensions": {"http": HTTP, "y": 1}}
        given = {"Content-Type": JSON, "Set-Cookie": "c=d", "X-Lamps": "2"}
        return Reply(answering(body).body, headers=given)

    return behave


@pytest.mark.parametrize("accept", [JSON, NEW, "*/*"])
@pytest.mark.parametrize("query", [ROOT, BELOW, "{ lamps { code } }"])
async def test_neither_status_nor_headers_are_the_partners(
    site: Site, query: str, accept: str
) -> None:
    honest = await site.ask(query, Accept=accept)
    site.partner.behaviour = failing()
    answer = await site.ask(query, Accept=accept)
    assert answer.status_code == honest.status_code == 200
    changing = ("date", "content-length", "x-request-id")
    told, as_ever = (
        {name: value for name, value in each.headers.items() if name not in changing}
        for each in (answer, honest)
    )
    assert told == as_ever
    assert "extensions" not in answer.json()


@pytest.mark.parametrize("query", [ROOT, BELOW])
async def test_message_and_code_are_kept_and_the_rest_dropped(site: Site, query: str) -> None:
    site.partner.behaviour = failing()
    body = await site.body_of(query)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    assert body["errors"]
    for error in body["errors"]:
        assert error["message"] == "the lamp is broken"
        assert error["extensions"] == {"code": "LAMP_BROKEN", "subgraph": "lamps"}


@pytest.mark.parametrize("query", [ROOT, BELOW])
async def test_a_long_message_is_cut(site: Site, query: str) -> None:
    site.partner.behaviour = failing("x" * 100_000)
    body = await site.body_of(query)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    for error in body["errors"]:
        assert error["message"].startswith("x" * 900)
        assert len(error["message"]) <= 1_001  # with a sign that it was cut


@pytest.mark.parametrize("code", [5, None, {"a": 1}, "x" * 100_000, ["UNAUTHENTICATED"]])
async def test_a_code_that_is_none(site: Site, code: Any) -> None:
    site.partner.behaviour = failing(code=code)
    body = await site.body_of(ROOT)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    for error in body["errors"]:
        assert error["extensions"]["subgraph"] == "lamps"
        told = error["extensions"].get("code", "")
        assert isinstance(told, str)
        assert len(told) <= 1_000


@pytest.mark.parametrize("message", [5, None, {"a": 1}, ["x"], ""])
async def test_a_message_that_is_none(site: Site, message: Any) -> None:
    site.partner.behaviour = failing(message)
    body = await site.body_of(ROOT)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    assert body["errors"]
    for error in body["errors"]:
        assert isinstance(error["message"], str)
        assert error["extensions"]["subgraph"] == "lamps"


@pytest.mark.parametrize("query", [ROOT, BELOW])
@pytest.mark.parametrize("error", ["nope", 5, [], {}, {"message": "m", "extensions": "x"}])
async def test_an_error_that_is_none(site: Site, query: str, error: Any) -> None:
    site.partner.behaviour = lambda _: answering({"errors": [error]})
    body = await site.body_of(query)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    assert {each["extensions"]["subgraph"] for each in body["errors"]} == {"lamps"}


@pytest.mark.parametrize("query", [ROOT, BELOW])
@pytest.mark.parametrize(
    "path", ["grids", ["x" * 100_000], ["x"] * 100_000, [{"a": 1}], [None], {"a": 1}]
)
async def test_a_path_that_is_none(site: Site, query: str, path: Any) -> None:
    error = {"message": "m", "path": path}
    site.partner.behaviour = lambda _: answering({"errors": [error]})
    answer = await site.ask(query)
    assert len(answer.content) < 10_000
    body = await site.body_of(query)
    assert the_hubs(body["data"]["grids"]["nodes"]) == HONEST
    for each in body["errors"]:
        assert each["extensions"]["subgraph"] == "lamps"
        assert all(isinstance(step, str | int) for step in each.get("path", []))


@pytest.mark.parametrize("query", [ROOT, BELOW])
async def test_thousands_of_errors(site: Site, query: str) -> None:
    site.partner.behaviour = lambda _: answering({"errors": [{"message": "x" * 900}] * 2_000})
    answer = await site.ask(query)
    assert answer.status_code == 200
    assert the_hubs(answer.json()["data"]["grids"]["nodes"]) == HONEST
    assert len(answer.content) < 1_000_000
