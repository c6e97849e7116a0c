"""Repair of a boundary: repeated vertices out, self-intersections resolved, outcome recorded.

`python -m hub.district.repair SOURCE TARGET` made the boundary that ships with the hub.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

FLAG = "BOUNDARY_REPAIRED"


def repair(feature: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON Feature with a valid (Multi)Polygon, flagged where it had to be changed.

    The properties gain `flags` and `repair`: what was wrong and what it was measured by before
    and after. Lines and points that `make_valid` leaves over have no area and are dropped. Raises
    ValueError if nothing with an area is left.
    """
    before = shapely.from_geojson(json.dumps(feature["geometry"]))
    reason = shapely.is_valid_reason(before)
    after = shapely.remove_repeated_points(_polygonal(shapely.make_valid(before)))
    if not after.is_valid or after.is_empty:
        raise ValueError("the boundary cannot be repaired")
    properties = dict(feature.get("properties") or {})
    changed = not before.is_valid or _vertices(before) != _vertices(after)
    if changed:
        properties["flags"] = [FLAG]
        properties["repair"] = {
            "reason": reason,
            "method": "make_valid, parts without area dropped, repeated vertices removed",
            "vertices_before": _vertices(before),
            "vertices_after": _vertices(after),
            "area_before_deg2": before.area,
            "area_after_deg2": after.area,
        }
    geometry = json.loads(json.dumps(mapping(after)))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    polygons = [part for part in parts if isinstance(part, Polygon)]
    if not polygons:
        raise ValueError("the boundary has no area")
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _vertices(shape: BaseGeometry) -> int:
    return int(shapely.get_num_coordinates(shape))


def main(source: str, target: str) -> None:
    """Read a Feature, or the first of a FeatureCollection, and write it repaired."""
    read = json.loads(Path(source).read_text(encoding="utf-8"))
    feature = read["features"][0] if read["type"] == "FeatureCollection" else read
    text = json.dumps(repair(feature), ensure_ascii=False, indent=None)
    Path(target).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
