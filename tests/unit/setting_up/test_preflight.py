"""bin/preflight says what is missing, all at once, before anything is done."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
GOOD = {
    "python3": 'case "$2" in *version_info*) echo 3.11;; esac',
    "node": "echo v20.20.2",
    "npm": "echo 11.0.0",
    "java": "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2",
    "mvn": "echo 'Apache Maven 3.8.7'",
}


def preflight(
    folder: Path, programs: dict[str, str], *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run it where only these programs are."""
    for name in ("sh", "sed", "head", "printf", "dirname"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return subprocess.run(
        [str(PROJECT / "bin" / "preflight"), *arguments],
        env={"PATH": str(folder), "HUB_ENGINES": str(folder)} | environment,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )


def test_all_there(tmp_path: Path) -> None:
    told = preflight(tmp_path, GOOD)
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize(
    ("lacking", "remedy"),
    [
        ("python3", "apt-get install python3 python3-venv"),
        ("node", "npm install --global node@20"),
        ("npm", "apt-get install npm"),
        ("java", "apt-get install openjdk-17"),
        ("mvn", "apt-get install maven"),
    ],
)
def test_a_missing_program_is_named_with_how_to_get_it(
    tmp_path: Path, lacking: str, remedy: str
) -> None:
    told = preflight(tmp_path, {name: text for name, text in GOOD.items() if name != lacking})
    assert told.returncode == 1
    assert f"{lacking} was not found" in told.stderr
    assert remedy in told.stderr
    assert told.stderr.count("  - ") == 1


def test_everything_missing_is_told_at_once(tmp_path: Path) -> None:
    told = preflight(tmp_path, {})
    assert told.returncode == 1
    for name in ("Python", "Node", "Java", "Maven"):
        assert f"  - {name}" in told.stderr


@pytest.mark.parametrize(
    ("program", "script", "said"),
    [
        ("python3", "echo 3.9", "python3 is 3.9"),
        ("python3", 'case "$2" in *version_info*) echo 3.11;; *) exit 1;; esac', "ensurepip"),
        ("node", "echo v18.20.4", "node is 18.20.4"),
        ("java", "echo 'openjdk version \"11.0.22\" 2024-01-16' >&2", "java is 11.0.22"),
        ("java", "echo 'java version \"1.8.0_402\"' >&2", "java is 8.0"),
    ],
)
def test_one_that_is_too_old(tmp_path: Path, program: str, script: str, said: str) -> None:
    told = preflight(tmp_path, GOOD | {program: script})
    assert told.returncode == 1
    assert said in told.stderr


def test_java_is_not_asked_for_where_the_engines_are_elsewhere(tmp_path: Path) -> None:
    only = {name: GOOD[name] for name in ("python3", "node", "npm")}
    told = preflight(tmp_path, only, HUB_NEO4J_URL="bolt://x", HUB_KAFKA_SERVERS="x:9092")
    assert told.returncode == 0, told.stderr
    assert preflight_again(tmp_path, "--service").returncode == 0


def preflight_again(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(PROJECT / "bin" / "preflight"), *arguments],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )


def test_ci_runs_what_everyone_runs() -> None:
    script = (PROJECT / ".ci" / "run").read_text()
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands[-1] == "exec make --no-print-directory test </dev/null"
    makefile = (PROJECT / "Makefile").read_text()
    assert "test: check" in makefile
    assert "check: setup" in makefile


def test_lock_files_record_no_address() -> None:
    for lock in PROJECT.glob("*/*/package-lock.json"):
        assert '"resolved": "http' not in lock.read_text(), lock
    for requirements in PROJECT.glob("requirements*.txt"):
        assert "://" not in requirements.read_text(), requirements
