"""Rows of a source as text, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.load.errors import Reject

CHUNK_ROWS = 5000


@dataclass
class Chunk:
    """Some rows of a file: `cells[i]` stands at `lines[i]`; `geometries` for GeoJSON alone.

    `rejects` are rows that could not be read at all; `consumed` is how far into the file, in
    bytes, the chunk reaches.
    """

    lines: list[int] = field(default_factory=list)
    cells: list[Sequence[str]] = field(default_factory=list)
    geometries: list[Any] | None = None
    rejects: list[Reject] = field(default_factory=list)
    consumed: int = 0

    def __len__(self) -> int:
        return len(self.lines)
