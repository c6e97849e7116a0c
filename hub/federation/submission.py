"""What a department hands in: a name, an address, and the SDL of its subgraph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1_000_000
"""Largest SDL, in bytes of UTF-8."""


@dataclass(frozen=True)
class Submission:
    """One subgraph to be checked or added."""

    name: str
    url: str | None
    """None: the address that the partner is registered with."""
    text: str
    """The SDL; bytes that are no UTF-8 stand in it as lone surrogates."""

    @classmethod
    def from_file(cls, path: Path, name: str, url: str | None) -> Submission:
        """Read a file, of a large one no more than shows that it is too large. Raises OSError."""
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return cls(name, url, data.decode("utf-8", "surrogateescape"))
