"""A mapping: how the columns of files become fields and references of records.

A mapping is a YAML file with a list of tables; the shipped ones, with comments, are in
`hub/load/mappings/`.
"""

from __future__ import annotations

import codecs
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hub.district.profile import Datum
from hub.load.errors import LoadError
from resolvers.catalog import Entity, ValueType
from resolvers.model import CATALOG


class Rule(BaseModel):
    """Where one value comes from: exactly one of column, template, constant, point, geometry."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    column: str | None = None
    template: str | None = None
    """Text with `{column}` or `{column|filter}` in it; filters: slug, upper, lower."""
    constant: Any = None
    longitude: str | None = None
    latitude: str | None = None
    geometry: bool = False
    """The feature's geometry (GeoJSON)."""
    values: dict[str, Any] | None = None
    """What each value of the source stands for; others are as they are, or `default`."""
    default: Any = None
    """In place of a value that `values` does not name."""
    missing: tuple[str, ...] = ()
    """Values that mean there is none, beside the empty one."""
    date: str | None = None
    """strptime format of dates; ISO 8601 if not given."""
    separator: str = "|"
    """Between the values of a list."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [self.column, self.template, self.constant, self.longitude, self.geometry or None]
        if sum(value is not None for value in given) != 1:
            raise ValueError(
                "give exactly one of column, template, constant, longitude with latitude, geometry"
            )
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns named outright (those of a template are found when it is compiled)."""
        named = (self.column, self.longitude, self.latitude)
        return tuple(name for name in named if name is not None)


def _as_rule(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Table(BaseModel):
    """One file, or rows given in the mapping itself, that become records of one type."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: str
    file: str | None = None
    """Name of the file in its folder; for rows from elsewhere: give `rows` or `from_district`."""
    rows: tuple[dict[str, str], ...] = ()
    from_district: bool = False
    """The one record that district.yaml itself gives (province, city or district)."""
    format: Literal["csv", "geojson"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    multiline: bool = False
    """Whether quoted values may hold line breaks. If not, an open quote costs one row only."""
    coordinates: Datum = "wgs84"
    source: str = Field(min_length=1)
    """Where the records come from; every one of them carries it."""
    code: Rule
    fields: dict[str, Rule] = Field(default_factory=dict)
    edges: dict[str, Rule] = Field(default_factory=dict)
    flags: Rule | None = None
    missing: tuple[str, ...] = ()
    """Values that mean there is none, in every column, beside the empty one."""

    @field_validator("code", "flags", mode="before")
    @classmethod
    def _column_rule(cls, value: Any) -> Any:
        return _as_rule(value)

    @field_validator("fields", "edges", mode="before")
    @classmethod
    def _column_rules(cls, value: Any) -> Any:
        return {k: _as_rule(v) for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            plain = codecs.lookup(value).incrementaldecoder is not None
            kept = "a,\n".encode(value) == b"a,\n"
        except (LookupError, TypeError) as error:
            raise ValueError(f"{value!r} is not an encoding that is known here") from error
        if not (plain and kept):
            raise ValueError(f"{value}: only encodings that keep ASCII as it is can be read")
        return value

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        if self.type not in CATALOG:
            raise ValueError(f"{self.type!r} is not a type")
        entity = CATALOG[self.type]
        for name in self.fields:
            field = entity.field_by_name.get(name)
            if field is None or name == "code" or not field.writable:
                raise ValueError(f"{self.type} has no field {name!r} to be mapped")
            rule = self.fields[name]
            if rule.longitude is not None and field.type is not ValueType.POINT:
                raise ValueError(f"{name} is no point: longitude and latitude do not fit")
            located = (ValueType.POINT, ValueType.SHAPE)
            if rule.geometry and (field.type not in located or self.format != "geojson"):
                raise ValueError(f"{name}: geometry is for points and shapes from GeoJSON")
            if field.type in located and rule.longitude is None and not rule.geometry:
                raise ValueError(f"{name} needs longitude and latitude, or geometry")
        for name in self.edges:
            if name not in entity.edge_by_name:
                raise ValueError(f"{self.type} has no edge {name!r}")
        if (self.file is not None) + bool(self.rows) + self.from_district != 1:
            raise ValueError("give exactly one of file, rows, from_district")
        return self

    @property
    def entity(self) -> Entity:
        return CATALOG[self.type]


class Mapping(BaseModel):
    """All tables of a source, in the order they are loaded in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    about: str = ""
    district: str | None = None
    """The district the records are of: a shipped one's name, or a path."""
    tables: tuple[Table, ...] = Field(min_length=1)

    def in_order(self) -> list[Table]:
        """The tables, those that others refer to first; else as the file has them."""
        ranks = _ranks()
        return sorted(self.tables, key=lambda table: ranks[table.type])


def _ranks() -> dict[str, int]:
    """How many references lie between a type and one that refers to nothing."""
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = 0
            ahead = [rank(edge.target) + 1 for edge in CATALOG[name].edges if edge.target != name]
            ranks[name] = max(ahead, default=0)
        return ranks[name]

    for entity in CATALOG:
        rank(entity.name)
    return ranks


def shipped_mappings() -> list[str]:
    """Names of the mappings that come with the hub."""
    root = Path(str(files("hub.load"))) / "mappings"
    return sorted(path.stem for path in root.glob("*.yaml"))


def load_mapping(where: str | Path) -> Mapping:
    """A shipped mapping by name, or one by path. Raises LoadError naming each wrong place."""
    path = Path(where)
    if str(where) in shipped_mappings():
        path = Path(str(files("hub.load"))) / "mappings" / f"{where}.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(raw)
    except OSError as error:
        raise LoadError(
            f"Cannot read the mapping {where}: {error.strerror}.",
            f"Give a path, or one of {', '.join(shipped_mappings())}.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LoadError(f"The mapping {path.name} is not YAML in UTF-8: {error}") from error
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise LoadError(f"The mapping {path.name} is wrong: {places}") from error
