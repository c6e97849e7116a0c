"""Golden files: an operation, its statements with parameters, and the answer, side by side.

A file is Markdown: a heading that says what is shown, then fenced sections. `graphql` and, where
needed, `json variables` and `text caller` (anonymous) are written by hand; the others (`cypher`,
`json parameters`, `sql`, `json answer`) by `pytest tests/plans --update-goldens`.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

SECTION = re.compile(r"^```(?P<name>[a-z ]+)\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
WRITTEN = ("cypher", "json parameters", "sql", "json answer")


@dataclass
class Golden:
    """One file: the prose before the first section, and the sections by name."""

    path: Path
    prose: str
    sections: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Golden:
        text = path.read_text("utf-8")
        found = {match["name"]: match["text"] for match in SECTION.finditer(text)}
        return cls(path, text[: text.index("```")], found)

    @property
    def variables(self) -> dict[str, Any]:
        given: dict[str, Any] = orjson.loads(self.sections.get("json variables", "{}"))
        return given

    def matches(self, made: dict[str, str]) -> bool:
        """Whether what was made is what the file holds, line breaks aside."""
        return all(
            self.sections.get(name, "").split() == made.get(name, "").split() for name in WRITTEN
        )

    def write(self, made: dict[str, str]) -> None:
        """Replace what is made, and keep what is written by hand."""
        kept = {name: text for name, text in self.sections.items() if name not in WRITTEN}
        sections = {**kept, **{name: made[name] for name in WRITTEN if made.get(name)}}
        parts = [f"```{name}\n{text.rstrip()}\n```\n" for name, text in sections.items()]
        self.path.write_text(self.prose + "\n".join(parts), "utf-8")


def wrapped(statement: str) -> str:
    """A statement in lines of at most 100 characters, broken at spaces only."""
    lines = textwrap.wrap(statement.strip(), 100, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def shown(value: Any) -> str:
    """JSON as a golden shows it."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
