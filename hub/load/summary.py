"""What a load did, per table and in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TableSummary:
    """What became of the rows of one table."""

    file: str
    type: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "seconds": round(self.seconds, 2)}


@dataclass
class Summary:
    """What a load did. `graph` is CURRENT, or BEHIND where the graph has yet to catch up."""

    path: str
    dry_run: bool
    tables: list[TableSummary] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: str | None = None
    position: int = 0
    graph: str = "CURRENT"
    seconds: float = 0.0
    peak_mb: float = 0.0

    def total(self, name: str) -> int:
        """Sum of a count over all tables."""
        return sum(int(getattr(table, name)) for table in self.tables)

    def as_dict(self) -> dict[str, Any]:
        counts = ("rows", "created", "updated", "unchanged", "rejected")
        rate = self.total("rows") / self.seconds if self.seconds else 0.0
        return {
            "path": self.path,
            "dry_run": self.dry_run,
            **{name: self.total(name) for name in counts},
            "reasons": dict(sorted(self.reasons.items())),
            "rejects": self.rejects,
            "absent": self.absent,
            "position": self.position,
            "graph": self.graph,
            "seconds": round(self.seconds, 2),
            "rows_per_s": round(rate),
            "peak_mb": round(self.peak_mb, 1),
            "tables": [table.as_dict() for table in self.tables],
        }
