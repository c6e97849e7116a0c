"""Clients generated from the schema, in TypeScript and in Python: they fit it, and are answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.live import SIZE
from tests.contract.service import Service
from tests.small_district import STEP, WEST, firm_code, grid_code, place, square

PROJECT = Path(__file__).resolve().parents[2]
CLIENTS = PROJECT / "tests" / "clients"
GRID = 3
"""The grid that both clients ask for: what they add stands in it."""

needs_node = pytest.mark.skipif(
    shutil.which("node") is None
    or not (CLIENTS / "typescript" / "node_modules" / "typescript").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)
needs_python = pytest.mark.skipif(
    not (CLIENTS / "python" / ".venv" / "bin" / "ariadne-codegen").exists(),
    reason="the Python client's packages are not installed: run bin/setup",
)


def copied(client: str, installed: str, place: Path) -> Path:
    """A copy of a client's folder beside copies of what it reads, so that runs do not meet.

    Its installed packages are not copied but linked.
    """
    folder = place / "tests" / "clients" / client
    folder.mkdir(parents=True)
    for file in (CLIENTS / client).iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    (folder / installed).symlink_to(CLIENTS / client / installed)
    shutil.copy(CLIENTS / "operations.graphql", folder.parent)
    (place / "schema").mkdir()
    shutil.copy(PROJECT / "schema" / "schema.graphql", place / "schema")
    return folder


def run(folder: Path, *command: str, live: Service | None = None) -> str:
    """What a program prints in this folder; it knows the hub's address and a token if given one."""
    known = {"HUB_URL": live.url, "HUB_TOKEN": live.token(roles=["steward"])} if live else {}
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": "build"} | known,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_grid(i: int) -> bool:
    """Whether a small district's i-th record stands in the grid that is asked for."""
    return int((place(i)[0] - WEST) / STEP) == GRID


def check(told: dict[str, Any], code: str) -> None:
    """That a client tells of what the small district holds, and of the venue that it added."""
    added = told["added"]["createVenue"]
    assert added["status"] == "APPLIED"
    assert added["position"] == told["position"]
    assert int(added["position"]) > 0
    assert added["venue"].pop("recordedAt")
    assert added["venue"] == {
        "code": code,
        "name": "类型咖啡馆",
        "kind": "EATERY",
        "status": None,
        "location": {"longitude": 120.035, "latitude": 36.005},
        "grid": {"code": grid_code(GRID)},
    }

    venues, grid = told["asked"]["venues"], told["asked"]["grid"]
    shops = sorted((f"V{i}", i) for i in range(SIZE) if in_grid(i))
    assert venues["totalCount"] == len(shops) > 2
    assert venues["pageInfo"]["endCursor"]
    assert told["area"] == 80.5
    for (shop, i), node in zip(shops[:2], venues["nodes"], strict=True):
        [change] = node["history"]["nodes"]
        assert change["operation"] == "CREATED"
        assert change["after"]["edges"]["operator"] == firm_code(i)
        assert node["path"][-1] == {"__typename": "Grid", "code": grid_code(GRID)}
        x, y = place(i)
        assert node["location"] == {"longitude": x, "latitude": y}
        assert (node["code"], node["kind"], node["status"]) == (shop, "SHOP", "OPEN")
        assert (node["floorArea"], node["building"]) == (80.5, {"name": f"楼栋{i}"})
    assert grid == {
        "boundary": square(GRID),
        "licences": {"nodes": [{"expiresOn": "2029-01-30"}]},
    }


@needs_node
def test_typescript(live: Service, tmp_path: Path) -> None:
    folder = copied("typescript", "node_modules", tmp_path)
    programs = "node_modules/.bin"
    run(folder, f"{programs}/graphql-codegen", "--config", "codegen.yml")
    run(folder, f"{programs}/tsc")
    check(json.loads(run(folder, "node", "build/js/ask.js", live=live)), "TYPESCRIPT-1")


@needs_python
def test_python(live: Service, tmp_path: Path) -> None:
    folder = copied("python", ".venv", tmp_path)
    (folder / "build").mkdir()
    programs = ".venv/bin"
    run(folder, f"{programs}/ariadne-codegen", "--config", "codegen.toml")
    run(folder, f"{programs}/mypy", "--strict")
    check(json.loads(run(folder, f"{programs}/python", "ask.py", live=live)), "PYTHON-1")
