"""The examples of docs/ingest.md, run as they stand there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.ingest_door.conftest import Door

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ingest.md"
EXAMPLES = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
async def test_each_is_taken(door: Door) -> None:
    assert len(EXAMPLES) == 3
    token = door.headers["Authorization"].removeprefix("Bearer ")
    environment = os.environ | {"HUB": door.service.url, "TOKEN": token}
    accepted = []
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
    assert accepted == [1, 2, 1]
    assert len(await door.kept()) == 4
