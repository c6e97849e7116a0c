"""Loading through the whole write path beside UNWIND into Neo4j alone, in one run."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import Any

from hub.engines import addresses
from hub.stores import Stores
from resolvers.catalog import Catalog, Entity, ValueType
from resolvers.model import CATALOG
from resolvers.stores.graph_schema import ensure_schema
from resolvers.stores.neo4j import Graph
from tests.benchmarks import report
from tests.benchmarks.stack import Stack
from tests.engines_for_tests import clear

BATCH = 5_000
ROUNDS = {"demo": 3}
"""Rounds per scale; one where a round takes many minutes."""


async def measure(stack: Stack) -> None:
    """Write `build/bench/load.json`. Leaves the stores loaded."""
    files = stack.generated()
    rounds: list[dict[str, Any]] = []
    for _ in range(ROUNDS.get(stack.scale, 1)):
        rounds.append(await _round(stack, str(files)))
        print(rounds[-1], flush=True)
    figures = {k: round(statistics.median(r[k] for r in rounds), 3) for k in rounds[0]}
    report.write("load", stack.scale, {"rounds": len(rounds), **figures})


async def _round(stack: Stack, files: str) -> dict[str, float]:
    await _forget(stack)
    async with stack.engines():
        stores = await Stores.open(addresses(stack.settings), CATALOG)
        await stores.prepare(CATALOG)  # both sides write into prepared stores
        began = time.perf_counter()
        summary = json.loads(stack.hub("load", files, "--json"))
        seconds = time.perf_counter() - began
        (stack.data / "loaded").touch()
        rows = summary["rows"]
        straight = await _straight(stores.graph)
        await stores.close()
    through = rows / seconds
    return {
        "rows": rows,
        "rejected": summary["rejected"],
        "seconds": seconds,
        "rows_per_s": through,
        "straight_rows_per_s": straight,
        "ratio": through / straight,
        "peak_mb": summary["peak_mb"],
    }


async def _forget(stack: Stack) -> None:
    if stack.data.exists():
        await asyncio.to_thread(clear, stack.data)


async def _straight(graph: Graph) -> float:
    """Rows a second of the same records by UNWIND alone: nodes with their properties, then edges.

    The graph that the load made is read first, emptied, and written again.
    """
    projections = await graph.run("MATCH (p:Projection) RETURN properties(p)")
    nodes, edges = await _dump(graph, CATALOG)
    await _empty(graph)
    await ensure_schema(graph, CATALOG)
    count = sum(len(rows) for rows in nodes.values())
    began = time.perf_counter()
    for entity in CATALOG:
        rows = nodes[entity.name]
        for start in range(0, len(rows), BATCH):
            await graph.run(
                f"UNWIND $rows AS row CREATE (n:Record:{entity.name}) SET n = row.p "
                + _points(entity),
                rows=rows[start : start + BATCH],
            )
    for (source, kind, target), pairs in edges.items():
        for start in range(0, len(pairs), BATCH):
            await graph.run(
                f"UNWIND $pairs AS pair MATCH (a:{source} {{code: pair[0]}}) "
                f"MATCH (b:{target} {{code: pair[1]}}) CREATE (a)-[:{kind}]->(b)",
                pairs=pairs[start : start + BATCH],
            )
    rate = count / (time.perf_counter() - began)
    for (kept,) in projections:
        await graph.run("CREATE (p:Projection) SET p = $kept", kept=kept)
    return rate


def _points(entity: Entity) -> str:
    props = [f.prop for f in entity.all_fields if f.type is ValueType.POINT]
    return " ".join(
        f"SET n.{p} = CASE WHEN row.{p} IS NULL THEN null ELSE "
        f"point({{longitude: row.{p}[0], latitude: row.{p}[1]}}) END"
        for p in props
    )


async def _dump(
    graph: Graph, catalog: Catalog
) -> tuple[dict[str, list[dict[str, Any]]], dict[tuple[str, str, str], list[list[str]]]]:
    nodes: dict[str, list[dict[str, Any]]] = {}
    edges: dict[tuple[str, str, str], list[list[str]]] = {}
    for entity in catalog:
        props = [f.prop for f in entity.all_fields if f.type is ValueType.POINT]
        rows = []
        for (p,) in await graph.run(f"MATCH (n:{entity.name}) RETURN properties(n)"):
            row: dict[str, Any] = {"p": p}
            for prop in props:
                point = p.pop(prop, None)
                row[prop] = None if point is None else [point.x, point.y]
            rows.append(row)
        nodes[entity.name] = rows
        for edge in entity.edges:
            found = await graph.run(
                f"MATCH (a:{entity.name})-[:{edge.relationship}]->(b:{edge.target}) "
                "RETURN a.code, b.code"
            )
            if found:
                edges[entity.name, edge.relationship, edge.target] = found
    return nodes, edges


async def _empty(graph: Graph) -> None:
    await graph.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")


if __name__ == "__main__":
    asyncio.run(measure(Stack(sys.argv[1] if len(sys.argv) > 1 else "demo")))
