"""From a vendor's request to an event in a file, with real processes; letters on the way back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow.parquet as pq
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.ingest_door.conftest import BATCHED, door_hub
from tests.contract.service import serving
from tests.events_for_tests import BEGAN, EventStores, camera, event_stores, load_district, until

KNOWN, ALL = 20, 25


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores, cameras=KNOWN) as made:
        yield made


def observation(number: int, kind: str, after: int) -> dict[str, Any]:
    """What the box of a vendor sends of one camera."""
    return {
        "specversion": "1.0",
        "id": f"{number}-{after}",
        "source": "vendor",
        "type": f"city.hub.detection.{kind}",
        "subject": camera(number),
        "time": (BEGAN + timedelta(seconds=after)).isoformat(),
        "data": {
            "type": "ILLEGAL_PARKING",
            "startedAt": BEGAN.isoformat(),
            "confidence": 0.5,
            "rule": "parking",
            "ruleVersion": "1",
        },
    }


async def run(stores: EventStores, *arguments: object) -> Any:
    """`hub events … --json`."""
    command = [str(Path(sys.executable).with_name("hub")), "events", *map(str, arguments)]
    done = await asyncio.to_thread(
        subprocess.run,
        [*command, "--json"],
        env=stores.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_from_the_door_to_a_file(stores: EventStores, tmp_path: Path) -> None:
    hub = door_hub(tmp_path, stores.at, stores.prefix, event_partitions=stores.partitions)
    turns = [("seen", 1), ("seen", 2), ("gone", 3)]
    sent = [observation(n, kind, after) for kind, after in turns for n in range(ALL)]
    with serving(hub) as service, stores.ingest() as process:
        headers = service.signed_in(roles=["detector"]) | {"Content-Type": BATCHED}
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            for _ in range(2):  # as after a 503
                answer = await client.post(
                    "/ingest/events", content=orjson.dumps(sent), headers=headers
                )
                assert (answer.status_code, answer.json()) == (202, {"accepted": len(sent)})
        await stores.settled()
        assert (await stores.tally())["events"] == KNOWN
        assert (await stores.tally())["stored"] == 3 * KNOWN

        found = await run(stores, "dead", "list")
        unknown = 2 * 3 * (ALL - KNOWN)
        assert (found["count"], found["replayed"]) == (unknown, 0), found["reasons"]
        letter = await run(stores, "dead", "show", found["letters"][0]["place"])
        assert letter["topic"] == stores.names.detections

        told = await run(stores, "dead", "replay", "--all")
        assert (told["replayed"], told["refused"]) == (unknown, 0)

        async def died_again() -> bool:
            found = await run(stores, "dead", "list")
            assert found["replayed"] == unknown
            return bool(found["count"] == 2 * unknown)

        await until(died_again)

        await load_district(stores.postgres, ALL)
        await asyncio.sleep(6)  # ingest looks for new cameras every few seconds
        told = await run(stores, "dead", "replay", "--all")
        assert (told["replayed"], told["before"]) == (unknown, unknown)

        async def stored() -> bool:
            return (await stores.tally())["stored"] >= 3 * ALL

        await until(stored)
        await asyncio.sleep(1)  # for what should not come
        tally = await stores.tally()
        counts = process.stop()
    print(f"sent {2 * len(sent)}, {tally}, {counts}")
    assert tally == {"stored": 3 * ALL, "different": 3 * ALL, "events": ALL, "gaps": 0}

    out = tmp_path / "events.parquet"
    assert (await run(stores, "export", "--out", out))["events"] == ALL
    rows = pq.read_table(out).to_pylist()
    assert {row["status"] for row in rows} == {"CLOSED"}
    assert all(row["path"] for row in rows)
    lines = tmp_path / "versions.jsonl"
    assert (await run(stores, "export", "--versions", "--out", lines))["events"] == 3 * ALL
    written = {
        (doc["id"], doc["version"]): doc for doc in await stores.documents(stores.names.events)
    }
    exported = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
    assert {(doc["id"], doc["version"]): doc for doc in exported} == written
