"""All audits of npm's `graphql-http`: the GraphQL-over-HTTP draft, checked by its reference."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.service import Service

CLIENTS = Path(__file__).resolve().parents[1] / "clients"


@pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "graphql-http").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)
def test_all_audits_pass(tiny: Service) -> None:
    done = subprocess.run(
        ["node", str(CLIENTS / "audits.mjs"), f"{tiny.url}/graphql"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    audits = json.loads(done.stdout)
    failed = [
        f"{each['id']} {each['name']}: {each['reason']}"
        for each in audits
        if each["status"] != "ok"
    ]
    assert failed == []
    assert len(audits) >= 60
    print(f"{len(audits)} audits passed")
