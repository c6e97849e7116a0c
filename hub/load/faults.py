"""Which rows of a chunk are bad: the first thing found wrong with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.load.errors import Reject, RejectCode
from hub.load.values import Fault


class Faults:
    """Collects at most one reject per row of a chunk."""

    def __init__(self, lines: Sequence[int]) -> None:
        self._lines = lines
        self.rows: dict[int, Reject] = {}

    def add(self, row: int, column: str, value: str, code: RejectCode, reason: str) -> None:
        """Reject a row, unless it has been rejected already."""
        if row not in self.rows:
            self.rows[row] = Reject(self._lines[row], column, value[:200], code, reason)

    def values(
        self,
        column: str,
        cells: Sequence[str],
        values: Sequence[Any],
        code: RejectCode = RejectCode.BAD_VALUE,
    ) -> None:
        """Reject the rows whose value is a Fault."""
        if Fault in set(map(type, values)):
            for row, value in enumerate(values):
                if type(value) is Fault:
                    self.add(row, column, cells[row], code, value)

    def missing(self, column: str, name: str, values: Sequence[Any]) -> None:
        """Reject the rows that have no value."""
        if None in values:
            for row, value in enumerate(values):
                if value is None:
                    self.add(row, column, "", RejectCode.MISSING_VALUE, f"{name} is required")
