"""Redirects, nonsense and floods of the partner cost its own fields, and nothing else."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import psutil
import pytest

from tests.contract.hostile_partner.partner import Asked, HostilePartner, Reply, answering
from tests.contract.hostile_partner.site import GRIDS, HONEST, Site, the_hubs, unavailable

QUERIES = {
    "root": f"{{ lamps {{ code }} {GRIDS} }}",
    "entities": f"{{ {GRIDS.replace('name', 'name lampCount')} }}",
}
HTML = {"Content-Type": "text/html"}
MEGABYTE = 1_000_000
OPENING = b'{"data":{"lamps":[{"code":"'
SECONDS = 2 + 2
"""The deadline, and what the rest may take."""

NONSENSE: dict[str, Reply] = {
    body: Reply(body.encode())
    for body in (
        '{"errors":"nope"}',
        '{"errors":{}}',
        '{"errors":[null]}',
        "[]",
        "null",
        '"x"',
        "5",
        "{}",
        '{"data":[]}',
        '{"data":"x"}',
        '{"data":{"lamps":"many","_entities":"many"}}',
        '{"data":{"lamps":{},"_entities":{}}}',
        '{"data":{"lamps":',
        "[" * 100_000,
        "",
    )
} | {
    "HTML": Reply(b"<html><body>127.0.0.1 is closed</body></html>", headers=HTML),
    "HTML as JSON": Reply(b"<html><body>127.0.0.1 is closed</body></html>"),
    "500 with HTML": Reply(b"<h1>no</h1>", 500, HTML),
    "500 without a body": Reply(b"", 500),
    "204": Reply(b"", 204),
    "invalid UTF-8": Reply(b'{"data":{"lamps":[{"code":"\xff\xfe"}]}}\xff'),
}


async def left_out(site: Site, query: str) -> None:
    """The partner's fields are left out, with an error that names it; the hub's are right."""
    body = await site.body_of(query)
    assert unavailable(body), body
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    assert not body["data"].get("lamps")
    assert {node.get("lampCount") for node in nodes} == {None}


@pytest.mark.parametrize("query", list(QUERIES))
@pytest.mark.parametrize("what", list(NONSENSE), ids=lambda what: what[:40])
async def test_nonsense(site: Site, what: str, query: str) -> None:
    site.partner.behaviour = lambda _: NONSENSE[what]
    await left_out(site, QUERIES[query])


MISFITS: dict[str, dict[str, Any]] = {
    "an object for a list": {"lamps": {}},
    "a number for a list": {"lamps": 5},
    "a number for a record": {"lamps": [5]},
    "null for a record": {"lamps": [None]},
    "a list for a record": {"lamps": [["x"]]},
    "an empty record": {"lamps": [{}]},
    "null for a code": {"lamps": [{"code": None}]},
    "an object for a code": {"lamps": [{"code": {"a": 1}}]},
    "a list for a code": {"lamps": [{"code": ["x"]}]},
}


@pytest.mark.parametrize("what", list(MISFITS))
async def test_what_does_not_fit_the_schema(site: Site, what: str) -> None:
    site.partner.behaviour = lambda _: answering({"data": MISFITS[what]})
    await left_out(site, QUERIES["root"])


@pytest.mark.parametrize("count", ["many", {}, [], 0.5, 2**40, True])
async def test_a_count_that_is_none(site: Site, count: Any) -> None:
    def behave(asked: Asked) -> Reply:
        body = asked.honest()
        for each in body["data"]["_entities"]:
            each["lampCount"] = count
        return answering(body)

    site.partner.behaviour = behave
    body = await site.body_of(QUERIES["entities"])
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    if not unavailable(body):
        assert {node["lampCount"] for node in nodes} <= {None, 1}  # true is 1 in some libraries


@pytest.mark.parametrize("query", list(QUERIES))
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    site: Site, elsewhere: HostilePartner, status: int, query: str
) -> None:
    there = {"Location": elsewhere.url, "Content-Type": "application/json"}
    site.partner.behaviour = lambda _: Reply(b"{}", status, there)
    await left_out(site, QUERIES[query])
    assert elsewhere.asked == []


async def endless() -> AsyncIterator[bytes]:
    """As fast as it is read, for longer than anyone should read it."""
    yield OPENING
    until = time.monotonic() + SECONDS + 2
    while time.monotonic() < until:
        yield b"x" * 65_536
        await asyncio.sleep(0)


async def dripping() -> AsyncIterator[bytes]:
    """Space after space."""
    for _ in range(10 * (SECONDS + 2)):
        yield b" "
        await asyncio.sleep(0.1)


async def large() -> AsyncIterator[bytes]:
    """A right answer of 100 MB."""
    yield OPENING
    for _ in range(100):
        yield b"x" * MEGABYTE
        await asyncio.sleep(0)
    yield b'"}]}}'


def packed(wbits: int) -> bytes:
    """A right answer of 200 MB in few bytes."""
    packer = zlib.compressobj(1, wbits=wbits)
    parts = [packer.compress(OPENING)]
    parts += [packer.compress(b"x" * MEGABYTE) for _ in range(200)]
    parts += [packer.compress(b'"}]}}'), packer.flush()]
    return b"".join(parts)


def as_json(encoding: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Content-Encoding": encoding}


def numbers() -> bytes:
    """A body under most limits that has very many values."""
    return json.dumps({"data": {"lamps": [{"code": "x"}] * 1_000_000}}).encode()


FLOODS: dict[str, Callable[[], Reply]] = {
    "endless": lambda: Reply(parts=endless),
    "dripping": lambda: Reply(parts=dripping),
    "100 MB": lambda: Reply(parts=large),
    "gzip of 200 MB": lambda: Reply(packed(31), headers=as_json("gzip")),
    "deflate of 200 MB": lambda: Reply(packed(15), headers=as_json("deflate")),
    "a million records": lambda: Reply(numbers()),
}


@pytest.mark.parametrize("what", list(FLOODS))
async def test_a_flood(site: Site, what: str) -> None:
    reply = FLOODS[what]()
    await site.body_of(QUERIES["root"])
    gateway = site.gateway()
    before = gateway.memory_info().rss
    watching = asyncio.create_task(most_memory(gateway))
    site.partner.behaviour = lambda _: reply
    began = time.monotonic()
    try:
        await left_out(site, QUERIES["root"])
        took = time.monotonic() - began
        assert took < SECONDS
    finally:
        watching.cancel()
        most = await watching
    assert most - before < 150 * MEGABYTE, f"{(most - before) / MEGABYTE:.0f} MB"


async def most_memory(process: psutil.Process) -> int:
    """The most bytes that a process has resident until this is cancelled."""
    most = 0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.02)
    return most
