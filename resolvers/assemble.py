"""Functions generated per plan, which turn a record's lists by position into named objects.

A Cypher map forgets the order of its keys, so statements answer with lists and these functions
name them, in the selection's order. Every generated function takes `v`, the list, and `c`, the
`Run` it belongs to; beyond them there is no work per field in Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from resolvers.cursors import CursorKey
from resolvers.document import told
from resolvers.ids import global_id
from resolvers.search import mark

EVENTS = "events"
"""What cursors of the stream of events begin with."""


@dataclass
class Deferred:
    """A place in the answer that another store fills: `target[key]`, for one record or row."""

    target: dict[str, Any]
    key: str
    of: Any
    """The key of the record or row."""
    step: int
    """Which of the plan's later steps fills it."""


@dataclass
class Run:
    """What generated functions need of one request."""

    values: dict[str, Any]
    """The bound parameters."""
    cursor_key: CursorKey
    rows: list[Any] | None = None
    """What PostgreSQL answered, one item per root field of its; None where it did not."""
    deferred: list[Deferred] = field(default_factory=list)
    apart: dict[str, Any] = field(default_factory=dict)
    """What graphql-core answered apart from the rest, by root key."""
    plain_shapes: bool = False
    """GeoJSON as Python values, not as ready JSON."""

    def cursor(self, place: list[Any]) -> str:
        return self.cursor_key.sign(place)

    def shape(self, text: str | None) -> Any:
        if text is None:
            return None
        return orjson.loads(text) if self.plain_shapes else orjson.Fragment(text)

    def live(self, stored: list[Any] | None) -> str:
        """The cursor of where events are stored up to; before the first, of the very beginning."""
        topic_id, offsets = stored or ("", [])
        return self.cursor_key.sign([EVENTS, topic_id, offsets or []])

    def defer(self, target: dict[str, Any], key: str, of: Any, step: int) -> None:
        self.deferred.append(Deferred(target, key, of, step))


class Source:
    """Collects generated functions as Python source, then compiles them once."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._known: dict[str, str] = {}

    def function(self, *lines: str) -> str:
        """The name of a function with these body lines; the same body gives the same name."""
        body = "\n    ".join(lines)
        if body not in self._known:
            name = f"f{len(self._known)}"
            self._known[body] = name
            self._texts.append(f"def {name}(v, c):\n    {body}\n")
        return self._known[body]

    def text(self) -> str:
        return "\n".join(self._texts)

    def compile(self) -> dict[str, Any]:
        """The functions by name, ready to call."""
        scope: dict[str, Any] = {"gid": global_id, "mark": mark, "told": told}
        exec(compile(self.text(), "<plan>", "exec"), scope)  # noqa: S102 - the text is all ours
        return scope


def literal(text: str) -> str:
    """A string as Python source."""
    return repr(text)
