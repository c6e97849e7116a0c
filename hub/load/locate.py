"""From two columns of a chunk to points in WGS 84 and the grids they lie in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hub.load.cells import Cells, Columns, need
from hub.load.datum import to_wgs84
from hub.load.errors import LoadError, RejectCode
from hub.load.faults import Faults
from hub.load.mapping import Rule, Table
from hub.load.values import converter
from resolvers.catalog import Field, ValueType
from resolvers.errors import CoordinatesInvalid
from resolvers.placement import NEAREST_GRID, REACH_METRES, Placement
from resolvers.shapes import check_point

_DEGREES = Field("degrees", ValueType.FLOAT, "Degrees.")


class Locator:
    """Reads the longitude and latitude of a table, and places them if there is a placement."""

    def __init__(
        self,
        rule: Rule,
        header: Sequence[str],
        where: str,
        table: Table,
        placement: Placement | None,
    ) -> None:
        assert rule.longitude is not None
        assert rule.latitude is not None
        need([rule.longitude, rule.latitude], header, where, "location")
        self._names = (rule.longitude, rule.latitude)
        self._missing = frozenset(rule.missing)
        self._datum = table.coordinates
        self._placement = placement
        self._bounds = placement.bounds if placement is not None else None
        self._convert = converter(_DEGREES, Rule(column="degrees"))
        if placement is not None and not len(placement):
            raise LoadError(
                f"{where} has places, but there is no grid to put them in.",
                "Load the district's grids first.",
            )

    def locate(
        self, columns: Columns, faults: Faults, flags: dict[int, list[str]]
    ) -> tuple[list[Any], list[Any] | None]:
        """Points `[x, y]` and grid codes (None without a placement), None where there is none."""
        cells = [self._cells(columns[name]) for name in self._names]
        degrees = [self._convert(column) for column in cells]
        for name, column, values in zip(self._names, cells, degrees, strict=True):
            faults.values(name, column, values, RejectCode.COORDINATES_INVALID)
        points: list[Any] = [None] * columns.count
        grids: list[Any] = [None] * columns.count
        at: list[int] = []
        for i, (x, y) in enumerate(zip(*degrees, strict=True)):
            if i in faults.rows or (x is None and y is None):
                continue
            if x is None or y is None:
                reason = "longitude and latitude go together"
                faults.add(
                    i, self._names[x is not None], "", RejectCode.COORDINATES_INVALID, reason
                )
                continue
            at.append(i)
        if at:
            given = np.array([[degrees[0][i], degrees[1][i]] for i in at], dtype=np.float64)
            self._place(given, at, points, grids, faults, flags)
        return points, grids if self._placement is not None else None

    def _cells(self, column: Cells) -> Cells:
        if not self._missing:
            return column
        return ["" if cell in self._missing else cell for cell in column]

    def _place(
        self,
        given: np.ndarray[Any, np.dtype[np.float64]],
        at: list[int],
        points: list[Any],
        grids: list[Any],
        faults: Faults,
        flags: dict[int, list[str]],
    ) -> None:
        wild = (np.abs(given) > (180.0, 90.0)).any(axis=1)
        moved = to_wgs84(np.where(wild[:, None], 0.0, given), self._datum)
        pairs = moved.tolist()
        placed = self._placement.place_many(moved) if self._placement is not None else None
        for k, i in enumerate(at):
            points[i] = pairs[k]
            if placed is not None and not wild[k] and placed.index[k] >= 0:
                grids[i] = placed.codes[placed.index[k]]
                if placed.nearest[k]:
                    flags.setdefault(i, []).append(NEAREST_GRID)
            elif wild[k] or placed is not None:
                self._refuse(i, given[k].tolist(), faults)

    def _refuse(self, row: int, point: list[float], faults: Faults) -> None:
        column = f"{self._names[0]},{self._names[1]}"
        value = f"{point[0]!r},{point[1]!r}"
        try:
            check_point(point[0], point[1], self._bounds)
        except CoordinatesInvalid as error:
            faults.add(row, column, value, RejectCode.COORDINATES_INVALID, error.message)
            return
        reason = f"more than {REACH_METRES:.0f} m outside every grid of the district"
        faults.add(row, column, value, RejectCode.OUTSIDE_DISTRICT, reason)
