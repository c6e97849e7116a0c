"""Other people's clients: `graphql-ws` and `graphql-sse` for JavaScript."""

from __future__ import annotations

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import pytest

from tests.contract.service import Service, listening_at, serving
from tests.contract.streams.socket_client import EVENTS
from tests.contract.streams.stage import Stage

CLIENTS = Path(__file__).resolve().parents[2] / "clients"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "graphql-sse").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)


async def client(
    protocol: str, service: Service, count: int, query: str = EVENTS, **variables: Any
) -> Process:
    return await asyncio.create_subprocess_exec(
        "node",
        "stream.mjs",
        protocol,
        f"{service.url}/graphql",
        service.token(),
        str(count),
        query,
        json.dumps(variables),
        cwd=CLIENTS,
        stdout=PIPE,
    )


async def line(process: Process) -> Any:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        return json.loads(await process.stdout.readline())


async def ended(process: Process) -> list[Any]:
    async with asyncio.timeout(20):
        out, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(each) for each in out.splitlines()]


@pytest.mark.parametrize("protocol", ["ws", "sse"])
async def test_a_query(service: Service, protocol: str) -> None:
    process = await client(protocol, service, 5, "{ __typename }")
    assert await ended(process) == [{"data": {"__typename": "Query"}}]


@pytest.mark.parametrize("protocol", ["ws", "sse"])
async def test_a_client_goes_on_after_a_restart(stage: Stage, protocol: str) -> None:
    """By the cursor of its last result; events that come while the hub is away are not lost."""
    with serving(stage.hub()) as first:
        port = int(first.url.rpartition(":")[2])
        process = await client(protocol, first, 10_000)
        assert (await line(process))["data"]["events"]["event"] is None
        docs = await stage.more(20)
        found = [await line(process) for _ in range(20)]
    docs += await stage.more(20)
    await stage.store()
    with serving(stage.hub(), listening_at(port)):
        docs += await stage.more(20)
        while len(found) < 60:
            each = await line(process)
            if each["data"]["events"]["event"] is not None:
                found.append(each)
        process.terminate()
        await process.communicate()
    ids = [each["data"]["events"]["event"]["id"] for each in found]
    print(f"{protocol}: sent {len(docs)}, delivered {len(ids)}")
    assert sorted(ids) == [doc["id"] for doc in docs]
