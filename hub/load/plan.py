"""What a load reads: which files of a path, by which tables of a mapping, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hub.district.profile import Profile, load_profile
from hub.load.csv_file import CsvFile
from hub.load.errors import LoadError
from hub.load.geojson_file import GeoJsonFile
from hub.load.mapping import Mapping, Rule, Table, load_mapping
from hub.load.reader import Reader
from hub.load.rows import Chunk
from hub.load.template import Template
from resolvers.placement import Placement

MANIFEST = "manifest.yaml"


@dataclass(frozen=True)
class Job:
    """One table and the file it is read from; `path` is None for rows of the mapping itself."""

    table: Table
    path: Path | None

    @property
    def where(self) -> str:
        return self.path.name if self.path else f"rows of {self.table.type}"

    @property
    def size(self) -> int:
        """Bytes to read."""
        return self.path.stat().st_size if self.path else 0

    def open(self, profile: Profile | None, placement: Placement | None) -> Iterator[Any]:
        """The batches of the job. Raises LoadError at once if the file cannot be read at all."""
        header, chunks = self._source(profile)
        return Reader(self.table, self.where, header, profile, placement).batches(chunks)

    def _source(self, profile: Profile | None) -> tuple[list[str], Iterator[Chunk]]:
        table = self.table
        if self.path is None:
            rows = [_own_row(table, profile)] if table.from_district else list(table.rows)
            header = list(rows[0])
            cells = [[row.get(name, "") for name in header] for row in rows]
            return header, iter([Chunk(lines=list(range(1, len(rows) + 1)), cells=list(cells))])
        if table.format == "geojson":
            shapes = GeoJsonFile(self.path, _columns(table), table.encoding)
            return shapes.header, shapes.chunks()
        file = CsvFile(self.path, table.encoding, table.delimiter, table.multiline)
        return file.header, file.chunks()


@dataclass(frozen=True)
class Plan:
    """The jobs of a load in order, the district they are of, and files that are not there."""

    jobs: list[Job]
    profile: Profile | None
    absent: list[str]
    name: str


def make_plan(path: Path, mapping_name: str | None, district: str | None) -> Plan:
    """The plan for a file or folder. A folder's manifest names mapping and district if no one does.

    Raises LoadError if the path, its manifest or the mapping cannot be used, or nothing of the
    mapping is there; ProfileError for a district that cannot be read.
    """
    if not path.exists():
        raise LoadError(f"There is no {path}.", "Give a file, or a folder that holds some.")
    manifest = _manifest(path) if path.is_dir() else {}
    mapping_name = mapping_name or manifest.get("mapping")
    if mapping_name is None:
        raise LoadError(
            f"{path} does not say how to read it: it has no {MANIFEST}.",
            "Name a mapping with --mapping: a YAML file, or one that ships with the hub.",
        )
    mapping = load_mapping(mapping_name)
    district = district or manifest.get("profile") or mapping.district
    profile = load_profile(district) if district else None
    jobs, absent = _jobs(path, mapping)
    if not any(job.path for job in jobs):
        wanted = ", ".join(dict.fromkeys(absent))
        raise LoadError(f"{path} has none of the files of the mapping {mapping_name}: {wanted}.")
    for job in jobs:
        if job.table.from_district and profile is None:
            raise LoadError("The mapping wants a district's record.", "Name one with --district.")
    return Plan(jobs, profile, absent, path.resolve().name)


def _jobs(path: Path, mapping: Mapping) -> tuple[list[Job], list[str]]:
    tables = mapping.in_order()
    if path.is_file():
        fitting = [table for table in tables if table.file == path.name]
        if not fitting and len(tables) == 1:
            fitting = tables
        return [Job(table, path) for table in fitting], [] if fitting else [
            t.file for t in tables if t.file
        ]
    jobs: list[Job] = []
    absent: list[str] = []
    for table in tables:
        if table.file is None:
            jobs.append(Job(table, None))
        elif (path / table.file).is_file():
            jobs.append(Job(table, path / table.file))
        else:
            absent.append(table.file)
    return jobs, absent


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LoadError(f"Cannot read {path}: {error}") from error
    if not isinstance(read, dict):
        raise LoadError(f"{path} is not a manifest: it must be a mapping.")
    return read


def _own_row(table: Table, profile: Profile | None) -> dict[str, str]:
    """The record that district.yaml gives of itself or of a division above."""
    assert profile is not None
    parents = profile.parents
    rows = {
        "Province": {"code": parents.province.code, "name": parents.province.name},
        "City": {
            "code": parents.city.code,
            "name": parents.city.name,
            "parent": parents.province.code,
        },
        "District": {
            "code": profile.code,
            "name": profile.name,
            "parent": parents.city.code,
            "time_zone": profile.time_zone,
        },
    }
    if table.type not in rows:
        raise LoadError(f"district.yaml gives no {table.type}, only {', '.join(rows)}.")
    return rows[table.type]


def _columns(table: Table) -> list[str]:
    """Every property that a table's rules name."""
    rules: list[Rule] = [table.code, *table.fields.values(), *table.edges.values()]
    rules += [table.flags] if table.flags else []
    names = [name for rule in rules for name in rule.columns]
    names += [n for rule in rules if rule.template for n in Template(rule.template).columns]
    return list(dict.fromkeys(names))
