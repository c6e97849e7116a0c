"""A new supergraph while clients are at work: nothing fails, and streams go on where they ended."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.city import City
from tests.acceptance.department import PARTNER, Department
from tests.small_district import grid_code
from tests.subgraph_for_tests import LAMPS, PartnerServer, partner_server

CLIENTS = 8
PAUSE = 0.1
"""Seconds between a client's rounds, so that the commands get a processor too."""
LAMP = f"L{grid_code(1)}001"
REPORT = f"""mutation ($note: String!) {{
  reportLampFault(code: "{LAMP}", note: $note) {{ fault }}
}}"""
WRITE = """mutation ($input: UpdateBuildingInput!) {
  updateBuilding(input: $input) { version building { builtYear } }
}"""
READS = {
    f'{{ grid(code: "{grid_code(3)}") {{ name community {{ name }} }} }}': {
        "grid": {"name": "网格4", "community": {"name": "第1社区"}}
    },
    '{ venue(code: "V7") { name building { floors grid { code } } operator { name } } }': None,
    f'{{ streetLamp(code: "L{grid_code(4)}001") {{ watts grid {{ name }} }} }}': {
        "streetLamp": {"watts": 120, "grid": {"name": "网格5"}}
    },
    '{ building(code: "B6") { floors chargingAdvice } }': {
        "building": {"floors": 7, "chargingAdvice": "2 posts for 7 floors"}
    },
}
TALLER = LAMPS.replace("watts: Int\n", "watts: Int\n  height: Int\n", 1)
ROUND = (("Lamp.watts", LAMPS, True), ("Lamp.height", TALLER, True), ("Lamp.watts", "", False))
"""Added, updated, removed: a coordinate, the SDL, and whether the coordinate is there then."""


@dataclass
class Load:
    """Clients that read and write until told to stop, and check each answer."""

    city: City
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    answered: Counter[str] = field(default_factory=Counter)
    wrong: list[Any] = field(default_factory=list)
    slowest: float = 0.0

    async def run(self, number: int) -> None:
        headers = self.city.signed_in(f"client{number}", "steward")
        async with httpx.AsyncClient(base_url=self.city.url, headers=headers, timeout=30) as http:
            version = await self._version(http, number)
            while not self.stop.is_set():
                for query, expected in READS.items():
                    found = await self._ask(http, "query", query, {})
                    if expected is None:
                        READS[query] = found
                    elif found != expected:
                        self.wrong.append((query, found))
                version += 1
                given = {
                    "code": f"B{20 + number}",
                    "expectedVersion": version - 1,
                    "builtYear": 1900 + version % 100,
                }
                found = await self._ask(http, "mutation", WRITE, {"input": given})
                made = {"version": version, "building": {"builtYear": given["builtYear"]}}
                if found != {"updateBuilding": made}:
                    self.wrong.append((given, found))
                    version = await self._version(http, number)
                await asyncio.sleep(PAUSE)

    async def _version(self, http: httpx.AsyncClient, number: int) -> int:
        query = f'{{ building(code: "B{20 + number}") {{ version }} }}'
        version: int = (await self._ask(http, "query", query, {}))["building"]["version"]
        return version

    async def _ask(
        self, http: httpx.AsyncClient, kind: str, query: str, variables: dict[str, Any]
    ) -> Any:
        began = time.monotonic()
        answer = await http.post("/graphql", json={"query": query, "variables": variables})
        self.slowest = max(self.slowest, time.monotonic() - began)
        body = answer.json()
        self.answered[kind] += 1
        if answer.status_code != 200 or "errors" in body:
            self.wrong.append((answer.status_code, query, body))
        return body.get("data")


@dataclass
class Listener:
    """A client of the subscription: every line it wrote."""

    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    @property
    def faults(self) -> list[str]:
        return [each["fault"] for each in self.lines if each.get("lamp")]

    @property
    def ends(self) -> Counter[str]:
        return Counter(each["ended"] for each in self.lines if "ended" in each)

    async def until(self, holds: Any, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not holds(self):
            assert time.monotonic() < deadline, self.log.read_text("utf-8")[-2000:]
            await asyncio.sleep(0.05)


@contextmanager
def listening(city: City, kind: str, folder: Path, token: str) -> Iterator[Listener]:
    """A client in JavaScript that follows lamp changes, over WebSocket or server-sent events."""
    listener = Listener(folder / f"{kind}.jsonl")
    with listener.log.open("wb") as out, (folder / f"{kind}.log").open("wb") as err:
        process = subprocess.Popen(
            ["node", str(PARTNER / "listener.mjs"), f"{city.url}/graphql", kind, token],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        try:
            yield listener
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def joined(city: City, office: Department) -> Iterator[Department]:
    """The street lighting office, joined for the length of the module."""
    added = city.add(office)
    assert added.returncode == 0, added.stdout
    city.until("StreetLamp", "watts")
    yield office
    city.leave()
    city.until("StreetLamp", "watts", there=False)


async def change(city: City, server: PartnerServer, sdl: str, folder: Path) -> None:
    """One change of another partner: added or updated, or removed where `sdl` is empty."""
    if not sdl:
        told = await asyncio.to_thread(city.leave, "lamps")
    else:
        server.sdl = sdl
        file = folder / "lamps.graphql"
        file.write_text(sdl, "utf-8")
        given = ("--name", "lamps", "--url", server.url, "--by", "ben")
        told = await asyncio.to_thread(city.hub, "add", file, *given)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.soak
async def test_nothing_fails_while_partners_come_and_go(
    city: City, joined: Department, tmp_path: Path, full_scale: bool
) -> None:
    load = Load(city)
    signed_in = city.signed_in("li")
    token = signed_in["Authorization"].removeprefix("Bearer ")
    reported: list[str] = []
    waits: list[float] = []

    async def report() -> None:
        async with httpx.AsyncClient(base_url=city.url, headers=signed_in, timeout=30) as http:
            while not load.stop.is_set():
                note = f"n{len(reported)}"
                found = await load._ask(http, "mutation", REPORT, {"note": note})
                if found != {"reportLampFault": {"fault": note}}:
                    load.wrong.append((note, found))
                reported.append(note)
                await asyncio.sleep(0.02)

    with (
        partner_server(LAMPS) as server,
        listening(city, "ws", tmp_path, token) as socket,
        listening(city, "sse", tmp_path, token) as events,
    ):
        for each in (socket, events):
            await each.until(lambda listener: listener.lines)
        tasks = [asyncio.create_task(load.run(n)) for n in range(CLIENTS)]
        tasks.append(asyncio.create_task(report()))
        try:
            for _ in range(10 if full_scale else 1):
                for coordinate, sdl, there in ROUND:
                    await change(city, server, sdl, tmp_path)
                    waits.append(await asyncio.to_thread(city.until, *coordinate.split("."), there))
            await asyncio.sleep(1)
        finally:
            load.stop.set()
            done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [each for each in done if each is not None] == []
        for each in (socket, events):
            await each.until(lambda listener: len(listener.faults) >= len(reported))

    print(
        f"{load.answered['query']} queries, {load.answered['mutation']} mutations, "
        f"{len(waits)} new supergraphs (in force after {max(waits):.1f} s at most), slowest answer "
        f"{load.slowest:.2f} s; ends: {dict(socket.ends)} over WebSocket, {dict(events.ends)} over "
        f"SSE, {len(reported)} messages"
    )
    assert load.wrong == []
    assert load.answered["query"] > 100
    for each in (socket, events):
        assert each.faults == reported
        assert each.ends.keys() == {"SCHEMA_RELOAD"}
        assert each.ends["SCHEMA_RELOAD"] >= len(waits) - 1


def ask(city: City, query: str, token: str | None = None) -> Any:
    """One operation over WebSocket."""
    given = [query, token.removeprefix("Bearer ")] if token else [query]
    done = subprocess.run(
        ["node", str(PARTNER / "ask.mjs"), f"{city.url}/graphql", *given],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout)


async def test_a_stream_goes_on_after_the_partners_death(
    city: City, joined: Department, tmp_path: Path
) -> None:
    headers = city.signed_in("li")
    token = headers["Authorization"].removeprefix("Bearer ")
    with (
        listening(city, "ws", tmp_path, token) as socket,
        listening(city, "sse", tmp_path, token) as events,
    ):
        for note in ("before", "after"):
            for each in (socket, events):
                await each.until(lambda listener: listener.lines)
            assert city.ask(REPORT, headers, note=note)["data"]["reportLampFault"]["fault"] == note
            for each in (socket, events):
                await each.until(lambda listener, note=note: note in listener.faults)
            joined.start()
        for each in (socket, events):
            assert each.faults == ["before", "after"]
            assert "SUBGRAPH_UNAVAILABLE" in each.ends


def test_operations_over_a_socket_are_checked_as_over_http(city: City, joined: Department) -> None:
    named = f'{{ streetLamp(code: "{LAMP}") {{ code grid {{ name }} }} }}'
    lamp = {"code": LAMP, "grid": {"name": "网格2"}}
    assert ask(city, named)["data"] == {"streetLamp": lamp}
    query = "{ cameras(first: 1) { totalCount } }"
    given = '{code: "B9", expectedVersion: 1, reason: "gone"}'
    assert ask(city, query, city.signed_in()["Authorization"])["data"]["cameras"]["totalCount"] > 0
    refused = {
        query: "UNAUTHENTICATED",
        f"mutation {{ retireBuilding(input: {given}) {{ version }} }}": "UNAUTHENTICATED",
        "{ nothing }": "GRAPHQL_VALIDATION_FAILED",
        "{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}": "TOO_COMPLEX",
    }
    for text, code in refused.items():
        over_http = city.ask(text)["errors"]
        over_socket = ask(city, text)["errors"]
        assert [each["extensions"]["code"] for each in over_socket] == [
            each["extensions"]["code"] for each in over_http
        ]
        assert over_socket[0]["extensions"]["code"] == code
        assert over_socket[0]["message"] == over_http[0]["message"]
    forged = ask(city, named, "x.y.z")["errors"]
    assert forged[0]["extensions"]["code"] == "UNAUTHENTICATED"
