"""The divisions of a district as polygons: subdistricts, communities and grids.

Codes and names come from the district's own files; the lines between them are made up, and so are
the grids altogether.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon, shape

from hub.district.profile import Profile, ProfileError
from hub.generate.streams import shares, stream
from hub.generate.tiling import divide, row_order, spread

BOUNDARY_GENERATED = "BOUNDARY_GENERATED"
"""Flag of a real division whose boundary is made up."""


@dataclass(frozen=True)
class Place:
    """A division: code, name, the code of the one above, and its boundary where it has one."""

    code: str
    name: str
    parent: str
    boundary: Polygon | None = None

    @property
    def centre(self) -> tuple[float, float] | None:
        """Longitude and latitude of a point inside."""
        if self.boundary is None:
            return None
        point = shapely.point_on_surface(self.boundary)
        return point.x, point.y


@dataclass(frozen=True)
class Divisions:
    """All divisions of a district, each level in the order of its codes."""

    province: Place
    city: Place
    district: Place
    subdistricts: list[Place]
    communities: list[Place]
    grids: list[Place]

    @property
    def above_grid(self) -> int:
        """How many divisions there are without the grids."""
        return 3 + len(self.subdistricts) + len(self.communities)


def make_divisions(profile: Profile, grids: int, seed: int) -> Divisions:
    """Subdistricts, communities and `grids` grids that tile the district's boundary.

    Subdistrict and community lines depend on the seed alone, not on the count of grids. Raises
    ProfileError if the district names no divisions, no boundary, or a boundary of several parts.
    """
    outline = shape(profile.boundary_feature()["geometry"])
    if not isinstance(outline, Polygon):
        raise ProfileError(f"district {profile.code}: generating needs a boundary of one polygon")
    rows = list(profile.division_rows())
    district = Place(profile.code, profile.name, profile.parents.city.code, outline)
    subdistricts = _subdistricts(profile, rows, outline, seed)
    communities = _communities(rows, subdistricts, seed)
    return Divisions(
        Place(profile.parents.province.code, profile.parents.province.name, ""),
        Place(profile.parents.city.code, profile.parents.city.name, profile.parents.province.code),
        district,
        subdistricts,
        communities,
        _grids(communities, grids, seed),
    )


def _subdistricts(
    profile: Profile, rows: list[dict[str, str]], outline: Polygon, seed: int
) -> list[Place]:
    named = [row for row in rows if row["level"] == "street"]
    known = profile.seed_points()
    if known:
        points = np.array([known[row["code"]] for row in named])
    else:
        points = spread(outline, len(named), stream(seed, "subdistricts"))
    shapes = divide([outline], [points])[0]
    return [
        Place(row["code"], row["name"], row["parent_code"], cell)
        for row, cell in zip(named, shapes, strict=True)
    ]


def _communities(rows: list[dict[str, str]], subdistricts: list[Place], seed: int) -> list[Place]:
    rng = stream(seed, "communities")
    named = [
        [row for row in rows if row["level"] == "community" and row["parent_code"] == above.code]
        for above in subdistricts
    ]
    outlines = [above.boundary for above in subdistricts if above.boundary is not None]
    points = [spread(line, len(mine), rng) for line, mine in zip(outlines, named, strict=True)]
    shapes = divide(outlines, points)
    return [
        Place(row["code"], row["name"], row["parent_code"], cell)
        for mine, cells in zip(named, shapes, strict=True)
        for row, cell in zip(mine, cells, strict=True)
    ]


def _grids(communities: list[Place], count: int, seed: int) -> list[Place]:
    """Grids numbered within each community in rows from north to south, each west to east."""
    rng = stream(seed, "grids")
    outlines = [above.boundary for above in communities if above.boundary is not None]
    counts = shares([line.area for line in outlines], count, least=1)
    if max(counts) > 999:
        raise ValueError("a community has room for 999 grids")
    points = [spread(line, n, rng) for line, n in zip(outlines, counts, strict=True)]
    made: list[Place] = []
    for above, cells in zip(communities, divide(outlines, points), strict=True):
        centres = shapely.get_coordinates(shapely.centroid(np.array(cells, dtype=object)))
        for number, i in enumerate(row_order(centres), start=1):
            name = f"{above.name}第{number:03}网格"
            made.append(Place(f"{above.code}{number:03}", name, above.code, cells[i]))
    return made
