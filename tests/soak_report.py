"""What `make soak` leaves behind: `build/soak/soak.json` with each test's outcome and counts."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[1]


class SoakReport:
    """A pytest plugin that writes down every test it saw, with what the test printed."""

    def __init__(self) -> None:
        self.tests: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.tests.append(
                {
                    "test": report.nodeid,
                    "outcome": report.outcome,
                    "seconds": round(report.duration, 1),
                    "printed": report.capstdout.strip().splitlines(),
                }
            )

    def pytest_sessionfinish(self) -> None:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True
        )
        folder = PROJECT / "build" / "soak"
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "commit": run.stdout.strip(),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "tests": self.tests,
        }
        (folder / "soak.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
