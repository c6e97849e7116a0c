"""What reading makes of a chunk: records to be written, and rows that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.load.errors import Reject


class Record(NamedTuple):
    """A record ready for the change log, and the line it came from."""

    code: str
    fields: dict[str, Any]
    edges: dict[str, Any]
    line: int


@dataclass
class Batch:
    """The records of one chunk of one file."""

    type: str
    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0
    """Rows read, good and bad."""
    consumed: int = 0
    """Bytes of the file read so far."""
