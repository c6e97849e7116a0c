"""The floor of the reads, a process of its own: the driver alone, with the same statement text and
parameters, one reused session in auto-commit mode per connection, the single record fetched, no
JSON. Reads a job from the file named on the command line and prints milliseconds as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop
from neo4j import READ_ACCESS, AsyncGraphDatabase


async def main(job: dict[str, Any]) -> None:
    driver = AsyncGraphDatabase.driver(job["url"], auth=(job["user"], job["password"]))
    connections: int = job["connections"]
    took: list[float] = []
    end = time.perf_counter() + job["seconds"]
    began = time.perf_counter()

    async def work(offset: int) -> None:
        async with driver.session(default_access_mode=READ_ACCESS, fetch_size=-1) as session:
            i = offset
            params: list[dict[str, Any]] = job["params"]
            while (at := time.perf_counter()) < end:
                result = await session.run(job["text"], params[i % len(params)])
                await result.single()
                took.append((time.perf_counter() - at) * 1000)
                i += connections

    await asyncio.gather(*(work(i) for i in range(connections)))
    rate = len(took) / (time.perf_counter() - began)
    await driver.close()
    print(json.dumps({"took": took, "rps": rate}))


if __name__ == "__main__":
    uvloop.run(main(orjson.loads(Path(sys.argv[1]).read_bytes())))
