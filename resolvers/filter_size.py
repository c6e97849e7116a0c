"""How much all filters of an operation may ask together."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.errors import TooComplex

MAX_CONDITIONS = 400
"""Bound on the fields, and on the `and`, `or`, `not` and items of theirs, of all filters."""
MAX_POLYGONS = 5
"""Bound on polygons: each may have 1,000 vertices, and is tried on every candidate."""


@dataclass
class FilterSize:
    """Counts what filters hold while they are written. Its methods raise TooComplex."""

    conditions: int = 0
    polygons: int = 0

    def condition(self) -> None:
        """One more condition, or filter inside a filter."""
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise TooComplex(
                f"the filters hold more than {MAX_CONDITIONS} conditions and filters: "
                "use `in` for many values, or ask in several requests",
                limit=MAX_CONDITIONS,
            )

    def polygon(self) -> None:
        """One more polygon."""
        self.polygons += 1
        if self.polygons > MAX_POLYGONS:
            raise TooComplex(
                f"the filters hold more than {MAX_POLYGONS} polygons: ask in several requests",
                limit=MAX_POLYGONS,
            )
