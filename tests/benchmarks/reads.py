"""Reads through HTTP beside the driver alone, in alternating rounds of the same run."""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
import uvloop
from graphql import OperationDefinitionNode, parse

from hub.engines import addresses
from hub.stores import Stores
from resolvers.cursors import CursorKey
from resolvers.execute import Executor
from resolvers.model import CATALOG
from resolvers.operation import ParsedDocument
from resolvers.params import Binding
from resolvers.rights import Caller, rights_of
from schema.build import whole
from tests.benchmarks import raw_reads, report
from tests.benchmarks.client import body_of, timed
from tests.benchmarks.operations import Operation, operations
from tests.benchmarks.stack import Stack, settle

ROUNDS = 5
SECONDS = 3.0
CONNECTIONS = (1, 32)


async def measure(stack: Stack) -> None:
    """Write `build/bench/reads.json`."""
    figures: dict[str, Any] = {}
    async with stack.engines():
        stack.loaded()
        stores = await Stores.open(addresses(stack.settings), CATALOG)
        asked = await operations(stores.graph)
        with stack.serving() as (url, token):
            for operation in asked:
                figures[operation.name] = await _one(stack, stores, operation, url, token)
        await stores.close()
    report.write("reads", stack.scale, {"rounds": ROUNDS, "seconds": SECONDS, **figures})


async def _one(
    stack: Stack, stores: Stores, operation: Operation, url: str, token: str
) -> dict[str, Any]:
    text, params = _bound(stores, operation)
    bodies = [body_of(operation.text, variables) for variables in operation.variables]
    host, port = url.removeprefix("http://").split(":")
    found: dict[str, Any] = {}
    await timed(host, int(port), token, bodies, 4, SECONDS)
    for connections in CONNECTIONS:
        rounds = []
        for _ in range(ROUNDS):
            raw = await _raw(stack, text, params, connections)
            await settle(0.5)
            took, rps = await timed(host, int(port), token, bodies, connections, SECONDS)
            await settle(0.5)
            rounds.append({**spread(took), "rps": rps, **raw})
        middle = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
        middle["ratio"] = statistics.median(r["p50_ms"] / r["raw_p50_ms"] for r in rounds)
        found[f"c{connections}"] = {name: round(value, 3) for name, value in middle.items()}
        print(operation.name, f"c{connections}", found[f"c{connections}"], flush=True)
    return found


def _bound(stores: Stores, operation: Operation) -> tuple[str, list[dict[str, Any]]]:
    """The statement the hub runs for an operation, and its parameters for every key."""
    schema = whole()._schema
    executor = Executor(schema, CATALOG, stores.services, CursorKey(b"benchmark key..."))
    ast = parse(operation.text)
    node = ast.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    digest = hashlib.sha256(operation.text.encode()).hexdigest()
    document = ParsedDocument(operation.text, digest, ast, {operation.name: node}, {})
    rights = rights_of(Caller("bench"), CATALOG)
    params = []
    statement = ""
    for variables in operation.variables:
        values = executor.coerce(node, variables)
        plan = executor.plan(document, node, values)
        statement = plan.statement
        binding = Binding(values.coerced, rights, executor.cursor_key, stores.services.placement)
        params.append(plan.bind(binding, executor.limits))
    return statement, params


async def _raw(
    stack: Stack, text: str, params: list[dict[str, Any]], connections: int
) -> dict[str, float]:
    at = addresses(stack.settings)
    job = {
        "url": at.neo4j_url,
        "user": at.neo4j_user,
        "password": at.neo4j_password,
        "text": text,
        "params": params,
        "connections": connections,
        "seconds": SECONDS,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_bytes(orjson.dumps(job))
        process = await asyncio.create_subprocess_exec(
            sys.executable, raw_reads.__file__, str(path), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    answer = json.loads(out)
    took = spread(answer["took"])
    return {
        "raw_p50_ms": took["p50_ms"],
        "raw_p99_ms": took["p99_ms"],
        "raw_rps": answer["rps"],
    }


def spread(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "p50_ms": ordered[len(ordered) // 2],
        "p99_ms": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
    }


if __name__ == "__main__":
    uvloop.run(measure(Stack("demo")))
