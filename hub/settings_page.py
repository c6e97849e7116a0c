"""The page `docs/settings.md`, made from the table of settings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.settings import PROJECT, Settings

HEAD = """# Settings

Made by `hub export settings --out docs/settings.md` from `hub/settings.py`; a test holds the two
together. Each setting is an environment variable, or in a container the file `/run/secrets/hub_…`
of the same name in small letters. A value that does not fit stops the command with the setting's
name and what was expected.
"""

TAIL = """
## Read by single commands and scripts

| Variable | What it is |
| --- | --- |
| `HUB_TOKEN` | Token that `hub query` sends. |
| `HUB_DEBUG` | `1`: an unforeseen error of `hub` shows its traceback. |
| `HUB_PYTHON` | Python that `bin/setup` makes the virtual environment with; `python3` when empty. |
| `HUB_TEST_SCALE` | `full`: tests run at the sizes of `make soak`. |
| `HUB_TEST_SEED` | Seed of the differential test, to run a failed one again. |
| `HUB_BENCH_SCALE` | Scale of `make bench`. |
"""

HEADING = re.compile(r"^ {4}# (.+)$|^ {4}([a-z]\w*):", re.MULTILINE)


def settings_page() -> str:
    """Markdown: one table for each section of `Settings`, its comments being the headings."""
    return HEAD + "".join(_section(title, names) for title, names in sections()) + TAIL


def sections() -> Iterator[tuple[str, list[str]]]:
    """The headings in the source of `Settings`, each with the settings below it."""
    title, names = "", list[str]()
    for found in HEADING.finditer(inspect.getsource(Settings)):
        if found[1]:
            if names:
                yield title, names
            title, names = found[1], []
        elif found[2] in Settings.model_fields:
            names.append(found[2])
    yield title, names


def _section(title: str, names: list[str]) -> str:
    rows = [f"| `HUB_{name.upper()}` | {_default(name)} | {_meaning(name)} |" for name in names]
    return "\n".join(["", f"## {title}", "", "| Variable | Default | What it is |"]) + (
        "\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )


def _meaning(name: str) -> str:
    return (Settings.model_fields[name].description or "").replace("|", "\\|")


def _default(name: str) -> str:
    value: Any = Settings.model_fields[name].default
    if value is None:
        return "empty"
    if isinstance(value, Path) and value.is_relative_to(PROJECT):
        value = value.relative_to(PROJECT)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
