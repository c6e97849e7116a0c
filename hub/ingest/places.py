"""Where a camera's observations are put: grid, venue, the firm that runs it, and divisions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hub.ingest.fold import Spot
from hub.ingest.observed import Dead
from resolvers.grids import Grids
from resolvers.placement import PlacedMany
from resolvers.stores.postgres import Postgres
from schema.wire import Detection

PARENTS = {"Grid": "community", "Community": "subdistrict", "Subdistrict": "district"}
"""Each kind of division with its edge to the one it is in, up to the district."""
FOLLOWED = ["Camera", "Venue", "District", *PARENTS]

HEAD = "select position from change_head"

ALL = """
select type, code, operation, fields -> 'location' as location, edges from entity_versions
where type = any ($1::text[]) and to_position is null"""

CHANGED = """
select type, code, operation, fields -> 'location' as location, edges from entity_versions
where from_position > $1 and type = any ($2::text[]) and to_position is null"""

VENUES = """
select type, code, operation, fields -> 'location' as location, edges from entity_versions
where type = 'Venue' and code = any ($1::text[]) and to_position is null"""

Lonlat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """What placing needs to know of a camera."""

    location: Lonlat | None
    grid: str | None
    watches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Venue:
    """What placing needs to know of a venue."""

    location: Lonlat | None
    operator: str | None


class Places:
    """Cameras and divisions in memory, as the change log has them; venues as they are needed.

    `refresh` and `know` read PostgreSQL and raise StoreUnavailable; `put` does neither.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._grids = Grids(postgres)
        self._position = -1
        self.cameras: dict[str, Camera] = {}
        self._venues: dict[str, Venue | None] = {}
        self._parents: dict[str, str | None] = {}
        self._paths: dict[str, list[str]] = {}
        self._still: dict[str, Spot] = {}
        """By camera: where it is put when nothing says otherwise."""

    @property
    def ready(self) -> bool:
        """Whether the log was read at all."""
        return self._position >= 0

    async def refresh(self) -> bool:
        """Catch up with the change log; whether anything was changed that matters here."""
        head: int = await self._postgres.fetchval(HEAD)
        if head == self._position:
            return False
        if head < self._position or not self.ready:  # another log: it was restored from a backup
            types = [each for each in FOLLOWED if each != "Venue"]
            rows = await self._postgres.fetch(ALL, types)
            self.cameras, self._venues, self._parents = {}, {}, {}
            moved = True
        else:
            rows = await self._postgres.fetch(CHANGED, self._position, FOLLOWED)
            moved = any(row["type"] not in ("Camera", "Venue") for row in rows)
        if moved:
            await self._grids.placement()
        for row in rows:
            self._take(row)
        if rows or moved:
            self._paths.clear()
            self._still.clear()
        self._position = head
        return bool(rows)

    def _take(self, row: Any) -> None:
        kind, code, edges = row["type"], row["code"], row["edges"]
        retired = row["operation"] == "RETIRED"
        if kind == "Camera":
            self.cameras.pop(code, None)
            if not retired:
                watches = tuple(edges.get("watches") or ())
                self.cameras[code] = Camera(_lonlat(row), edges.get("grid"), watches)
        elif kind == "Venue":
            self._venues.pop(code, None)
        else:
            self._parents[code] = edges.get(PARENTS[kind]) if kind in PARENTS else None

    async def know(self, detections: Iterable[Detection]) -> None:
        """Read what `put` will need for these detections and is not in memory."""
        detections = list(detections)
        if any(each.camera not in self.cameras for each in detections):
            await self.refresh()
        wanted = {each.venue for each in detections if each.venue is not None}
        for each in detections:
            camera = self.cameras.get(each.camera)
            if camera is not None:
                wanted.update(camera.watches)
        missing = [code for code in wanted if code not in self._venues]
        if not missing:
            return
        found = {row["code"]: row for row in await self._postgres.fetch(VENUES, missing)}
        for code in missing:
            row = found.get(code)
            if row is None or row["operation"] == "RETIRED":
                self._venues[code] = None
            else:
                self._venues[code] = Venue(_lonlat(row), row["edges"].get("operator"))

    def put(self, detections: Sequence[Detection]) -> list[Spot | Dead]:
        """Where each detection is put, or why it is not. What `know` was told of must be known."""
        located = [each for each in detections if each.position is not None]
        points = [
            (each.position.longitude, each.position.latitude) for each in located if each.position
        ]
        placed = self._grids.latest.place_many(np.array(points, np.float64).reshape(-1, 2))
        index = {id(each): i for i, each in enumerate(located)}
        return [self._put(each, placed, index.get(id(each))) for each in detections]

    def _put(self, detection: Detection, placed: PlacedMany, at: int | None) -> Spot | Dead:
        camera = self.cameras.get(detection.camera)
        if camera is None:
            return Dead(f"there is no camera with code {detection.camera}")
        code = detection.venue
        if code is not None and self._venues.get(code) is None:
            return Dead(f"there is no venue with code {code}")
        if at is None:
            spot = self._still.get(detection.camera) or self._stand(detection.camera, camera)
            if code is None or code == spot.venue:
                return spot
            return Spot(spot.grid, code, self._firm(code), spot.path, spot.position)
        assert detection.position is not None
        point = (detection.position.longitude, detection.position.latitude)
        venue = code or self._watched(camera, point)
        found = placed[at]
        inside = found is not None and not found.flags
        grid = found.grid_code if found and (inside or camera.grid is None) else camera.grid
        position = {"longitude": point[0], "latitude": point[1]}
        return Spot(grid, venue, self._firm(venue), self._path(grid), position)

    def _stand(self, code: str, camera: Camera) -> Spot:
        """Where observations are put that do not say where they were made: at the camera."""
        position, grid = None, camera.grid
        if camera.location is not None:
            position = {"longitude": camera.location[0], "latitude": camera.location[1]}
            found = self._grids.latest.place(*camera.location)
            if found is not None and (not found.flags or grid is None):
                grid = found.grid_code
        venue = self._watched(camera, None)
        spot = Spot(grid, venue, self._firm(venue), self._path(grid), position)
        self._still[code] = spot
        return spot

    def _watched(self, camera: Camera, point: Lonlat | None) -> str | None:
        """The only venue that a camera watches, or the nearest to the point if there is one."""
        known = {code: v for code in camera.watches if (v := self._venues.get(code)) is not None}
        if len(known) == 1:
            return next(iter(known))
        located = {code: v.location for code, v in known.items() if v.location is not None}
        if point is None or not located:
            return None
        return min(located, key=lambda code: (_distance(point, located[code]), code))

    def _firm(self, venue: str | None) -> str | None:
        known = self._venues.get(venue) if venue is not None else None
        return known.operator if known is not None else None

    def _path(self, grid: str | None) -> list[str]:
        if grid is None:
            return []
        path = self._paths.get(grid)
        if path is None:
            path, code = [], grid
            while code is not None and code not in path:
                path.append(code)
                code = self._parents.get(code)  # type: ignore[assignment]
            path.reverse()
            self._paths[grid] = path
        return path


def _lonlat(row: Any) -> Lonlat | None:
    location = row["location"]
    return (float(location[0]), float(location[1])) if location else None


def _distance(a: Lonlat, b: Lonlat) -> float:
    """The square of a distance, good for telling which is nearer."""
    dx = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return dx * dx + (a[1] - b[1]) ** 2
