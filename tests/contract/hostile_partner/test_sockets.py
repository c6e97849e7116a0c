"""Operations over WebSocket, whatever the connection's parameters are."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.hostile_partner.site import Site

SCRIPT = Path(__file__).with_name("socket.mjs")
CLOSED = {"type": "closed", "code": 1000}
CAMERAS = "{ lamps { grid { cameras { totalCount } } } }"


async def talked(site: Site, parameters: Any, query: str) -> list[dict[str, Any]]:
    """All messages of one operation, the acknowledgement first, and how the connection closed."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        f"{site.federation.url}/graphql",
        json.dumps(parameters),
        json.dumps(query),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return [json.loads(line) for line in out.splitlines()]


def codes(messages: list[dict[str, Any]]) -> list[str]:
    """Codes of a refusal: acknowledged, refused without data, and closed by the client alone."""
    ack, told, *_, closed = messages
    assert (ack["type"], closed) == ("connection_ack", CLOSED), messages
    if told["type"] == "next":  # as the gateway tells what it refuses after the connection
        assert told["payload"].get("data") is None, messages
        assert [each["type"] for each in messages[2:-1]] == ["complete"]
        errors = told["payload"]["errors"]
    else:
        assert told["type"] == "error", messages
        errors = told["payload"]
    return [each["extensions"]["code"] for each in errors]


@pytest.mark.parametrize(
    "token", ["Bearer 网", "Bearer a\nX-Hub-Gateway: b", "Bearer \x7f", "网", "Bearer no-token", 5]
)
@pytest.mark.parametrize("query", [CAMERAS, "{ firms(first: 1) { totalCount } }"])
async def test_a_token_that_is_none(site: Site, token: Any, query: str) -> None:
    assert codes(await talked(site, {"Authorization": token}, query)) == ["UNAUTHENTICATED"]
    assert site.partner.asked == []


@pytest.mark.parametrize("parameters", [None, {}, {"Authorization": None}])
async def test_a_stranger_is_judged_as_over_http(site: Site, parameters: Any) -> None:
    assert codes(await talked(site, parameters, CAMERAS)) == ["UNAUTHENTICATED"]
    assert site.partner.asked == []
    _, found, *_ = await talked(site, parameters, "{ lamps { grid { name } } }")
    assert found["payload"]["data"]["lamps"][0] == {"grid": {"name": "网格1"}}


async def test_who_is_signed_in_is_answered(site: Site) -> None:
    _, found, done, closed = await talked(site, site.signed_in(), CAMERAS)
    assert (found["type"], done["type"], closed) == ("next", "complete", CLOSED)
    assert "errors" not in found["payload"]


async def test_page_sizes_are_judged(site: Site) -> None:
    query = CAMERAS.replace("cameras", "cameras(first: 100000)")
    told = codes(await talked(site, site.signed_in(), query))
    assert set(told) == {"PAGE_SIZE_INVALID"}
    assert site.partner.asked == []
