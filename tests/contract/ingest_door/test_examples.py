"""The examples of docs/ingest.md, run as they stand there: what they send becomes events."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from hub.generate.cameras import _INDUSTRY
from hub.generate.codes import camera_codes
from resolvers.bulk import BulkWriter
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses
from tests.contract.ingest_door.conftest import door_hub, read_all
from tests.contract.service import serving
from tests.events_for_tests import EventStores, event_stores
from tests.small_district import rows

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ingest.md"
EXAMPLES = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
CAMERA = camera_codes("37020200", _INDUSTRY, 1)[0]
"""The first camera of the sample district, of whatever scale."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores, cameras=3) as made:
        known = next(row for row in rows(1) if row.entity.name == "Camera")
        writer = BulkWriter(made.postgres, CATALOG, actor="test", source="generated")
        result = await writer.write([replace(known, code=CAMERA)])
        assert not result.rejections, result.rejections
        yield made


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
async def test_each_is_taken_and_makes_events(stores: EventStores, tmp_path: Path) -> None:
    assert len(EXAMPLES) == 3
    hub = door_hub(tmp_path, stores.at, stores.prefix, event_partitions=stores.partitions)
    accepted = []
    with serving(hub) as service, stores.ingest():
        environment = os.environ | {"HUB": service.url, "TOKEN": service.token(roles=["detector"])}
        for example in EXAMPLES:
            done = await asyncio.to_thread(
                subprocess.run,
                ["bash", "-c", example],
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            accepted.append(json.loads(done.stdout)["accepted"])
        await stores.settled()
        events = await stores.events()
        dead = await read_all(stores.at, stores.names.dead)
    print(f"accepted {accepted}, {len(events)} events, {len(dead)} dead letters")
    assert (accepted, dead) == ([1, 2, 1], [])
    told = sorted((event["type"], event["camera"], event["status"]) for event in events.values())
    assert told == [("BIN_OVERFLOW", CAMERA, "OPEN"), ("GARBAGE_PILE", CAMERA, "CLOSED")]
