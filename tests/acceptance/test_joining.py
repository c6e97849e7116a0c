"""docs/joining.md is true: its commands are run, and print what it says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.city import City
from tests.acceptance.department import PARTNER, SDL
from tests.contract.federated import free_ports

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "joining.md"
MARK = "--- step "


def steps() -> list[tuple[str, str]]:
    """Each block of commands, and what is said to be printed by it."""
    found = re.findall(
        r"^```sh\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?",
        PAGE.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return [(commands, told) for commands, told in found]


def alike(text: str) -> list[str]:
    """The lines without what differs from run to run: hashes, addresses, times, widths."""
    text = re.sub(r"\([0-9a-f]{12}\)", "(HASH)", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+", "http://HOST", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", text)
    text = re.sub(r"as version \d+ of", "as version N of", text)
    return [re.sub(r" {2,}", "  ", line).strip() for line in text.strip().splitlines()]


def test_ten_steps_each_with_commands() -> None:
    titles = re.findall(r"^### (\d+)\. ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert titles == [str(n) for n in range(1, 11)]
    assert len(steps()) == 11
    assert all(told for _, told in steps()[1:])


def test_the_sdl_it_shows_is_in_the_file() -> None:
    (shown,) = re.findall(r"^```graphql\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert set(shown.splitlines()) <= set(SDL.read_text("utf-8").splitlines())


def test_the_commands_print_what_the_page_says(city: City, tmp_path: Path) -> None:
    if shutil.which("bash") is None or not (PARTNER / "node_modules" / ".npm-stamp").exists():
        pytest.skip("bash or the partner's packages are missing: run bin/setup")
    script = "".join(f"echo '{MARK}{n}'\n{commands}" for n, (commands, _) in enumerate(steps()))
    given = {
        "GATEWAY": city.url,
        "DIRECTORY": city.federation.subgraphs["directory"].url,
        "PORT": str(free_ports(1)),
        "FOLDER": str(tmp_path),
    }
    shell = subprocess.Popen(
        ["bash"],
        cwd=PROJECT,
        env=city.environment | given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = shell.communicate(script, timeout=120)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
    parts = re.split(rf"^{MARK}\d+\n", printed, flags=re.MULTILINE)[1:]
    for (commands, told), part in zip(steps(), parts, strict=True):
        assert alike(part) == alike(told), commands
    city.until("Grid", "streetLamps", there=False)
