"""The federation beside the single process: `_entities`, reads through the gateway, reloading."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from typing import Any

import httpx
import orjson

from hub.engines import addresses
from hub.federation.subgraph import own_names
from hub.keys import Keys
from hub.stores import Stores
from resolvers.model import CATALOG
from tests.benchmarks import report
from tests.benchmarks.client import body_of, timed
from tests.benchmarks.operations import Operation, operations
from tests.benchmarks.reads import spread
from tests.benchmarks.stack import Stack, settle
from tests.subgraph_for_tests import partner_server

ROUNDS = 5
SECONDS = 3.0
CONNECTIONS = (1, 8)
REPRESENTATIONS = 1_000
ENTITIES = """query($r: [_Any!]!) {
  _entities(representations: $r) { ... on Venue { code name kind status address } }
}"""
LOOKUP = """query($codes: [String!]!) {
  venues(filter: {code: {in: $codes}}, first: 1000) { nodes { code name kind status address } }
}"""
PARTNER = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { benches(first: Int): [Bench!] }
type Bench @key(fields: "code") { code: String! material: String }
"""


async def measure(stack: Stack) -> None:
    """Write `build/bench/federation.json`."""
    figures: dict[str, Any] = {"rounds": ROUNDS, "seconds": SECONDS}
    async with stack.engines():
        stack.loaded()
        stores = await Stores.open(addresses(stack.settings), CATALOG)
        asked = await operations(stores.graph)
        codes = [row[0] for row in await stores.graph.run("MATCH (n:Venue) RETURN n.code")]
        await stores.close()
        with stack.serving() as (url, token), stack.federated() as (gateway, first):
            figures["entities"] = await _entities(first + own_names().index("venues"), token, codes)
            for operation in asked:
                figures[operation.name] = await _read(stack, operation, url, gateway, first, token)
            figures["reload"] = await _reload(stack, gateway)
    report.write("federation", stack.scale, figures)


async def _entities(venues: int, token: str, codes: list[str]) -> dict[str, float]:
    """1,000 representations beside 1,000 keys of the listing, at the same subgraph."""
    draw = random.Random(3)
    drawn = [draw.sample(codes, REPRESENTATIONS) for _ in range(20)]
    represented = [
        body_of(ENTITIES, {"r": [{"__typename": "Venue", "code": c} for c in each]})
        for each in drawn
    ]
    listed = [body_of(LOOKUP, {"codes": each}) for each in drawn]
    rounds = []
    for _ in range(ROUNDS):
        keys, _ = await timed("127.0.0.1", venues, token, listed, 1, SECONDS)
        await settle(0.5)
        took, _ = await timed("127.0.0.1", venues, token, represented, 1, SECONDS)
        await settle(0.5)
        rounds.append({"p50_ms": spread(took)["p50_ms"], "keys_p50_ms": spread(keys)["p50_ms"]})
    found = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    found["ratio"] = statistics.median(r["p50_ms"] / r["keys_p50_ms"] for r in rounds)
    return _told("entities", found)


async def _read(
    stack: Stack, operation: Operation, url: str, gateway: str, first: int, token: str
) -> dict[str, Any]:
    """One read through the gateway, from the single process, and the hub's check of it alone."""
    bodies = [body_of(operation.text, variables) for variables in operation.variables]
    secret = Keys(stack.data / "keys").gateway
    single, through = (int(each.rpartition(":")[2]) for each in (url, gateway))
    await timed("127.0.0.1", through, token, bodies, 4, SECONDS)
    found: dict[str, Any] = {}
    for connections in CONNECTIONS:
        rounds = []
        for _ in range(ROUNDS):
            one, one_rps = await timed("127.0.0.1", single, token, bodies, connections, SECONDS)
            await settle(0.5)
            took, rps = await timed("127.0.0.1", through, token, bodies, connections, SECONDS)
            await settle(0.5)
            rounds.append(
                {**spread(took), "rps": rps, "single_p50_ms": spread(one)["p50_ms"],
                 "single_rps": one_rps}
            )  # fmt: skip
        middle = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
        middle["ratio"] = statistics.median(r["p50_ms"] / r["single_p50_ms"] for r in rounds)
        found[f"c{connections}"] = _told(f"{operation.name} c{connections}", middle)
    check, _ = await timed(
        "127.0.0.1", first, token, bodies, 1, SECONDS,
        path="/graphql/check", extra=f"X-Hub-Gateway: {secret}\r\n",
    )  # fmt: skip
    found["check_p50_ms"] = round(spread(check)["p50_ms"], 3)
    return found


async def _reload(stack: Stack, gateway: str) -> dict[str, float]:
    """Seconds from `hub federation add`'s end until the gateway knows a partner's field."""
    file = stack.data / "bench.graphql"
    file.write_text(PARTNER, "utf-8")
    took, added = [], []
    query = {"query": '{ __type(name: "Bench") { name } }'}
    with partner_server(PARTNER) as partner:
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in range(ROUNDS):
                began = time.perf_counter()
                await asyncio.to_thread(
                    stack.hub,
                    "federation",
                    "add",
                    str(file),
                    "--name",
                    "benches",
                    "--url",
                    partner.url,
                )
                added.append(time.perf_counter() - began)
                began = time.perf_counter()
                while True:
                    answer = await client.post(f"{gateway}/graphql", json=query)
                    if orjson.loads(answer.content)["data"]["__type"]:
                        break
                    await asyncio.sleep(0.05)
                took.append(time.perf_counter() - began)
                await asyncio.to_thread(
                    stack.hub, "federation", "remove", "benches", "--accept-breaking"
                )
                await asyncio.sleep(3)
    return _told(
        "reload",
        {
            "seconds_to_take_effect": statistics.median(took),
            "longest": max(took),
            "add_command_seconds": statistics.median(added),
        },
    )


def _told(name: str, found: dict[str, float]) -> dict[str, float]:
    rounded = {key: round(value, 3) for key, value in found.items()}
    print(name, rounded, flush=True)
    return rounded
