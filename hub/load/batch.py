"""What reading makes of a chunk: rows to be written, and rows that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.load.errors import Reject
from resolvers.bulk import BulkRow


@dataclass
class Batch:
    """The records of one chunk of one file; each row's `ref` is its line."""

    type: str
    records: list[BulkRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0
    """Rows read, good and bad."""
    consumed: int = 0
    """Bytes of the file read so far."""
