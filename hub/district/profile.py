"""A district's profile: what `district.yaml` says about its codes, boundary and time zone."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hub.errors import HubError
from resolvers.model import CATALOG

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


class ProfileError(HubError):
    """`district.yaml` is missing or does not say what it must; the message names each place."""


class Division(BaseModel):
    """A division by code and name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)


class Parents(BaseModel):
    """The divisions a district lies in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    province: Division
    city: Division


class Profile(BaseModel):
    """One district, as its `district.yaml` gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    time_zone: str
    parents: Parents
    divisions: str | None = None
    """CSV file of the divisions below: level (district, street, community), code, name, parent."""
    boundary: str | None = None
    """GeoJSON file with the boundary as one Feature."""
    boundary_datum: Datum = "wgs84"
    boundary_datum_verified: bool = True
    seeds: str | None = None
    """CSV file of code, longitude, latitude: rough centres of the subdistricts, for `generate`."""
    codes: dict[str, str] = Field(default_factory=dict)
    """Type to the regular expression that its whole code must match; `\\d` is an ASCII digit."""
    folder: Path = Path(".")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not a time zone of the IANA database") from error
        return value

    @field_validator("codes")
    @classmethod
    def _known_types(cls, value: dict[str, str]) -> dict[str, str]:
        for name, pattern in value.items():
            if name not in CATALOG:
                known = ", ".join(entity.name for entity in CATALOG)
                raise ValueError(f"{name!r} is not a type; the types are {known}")
            try:
                re.compile(pattern, re.ASCII)
            except re.error as error:
                raise ValueError(f"the pattern for {name} does not compile: {error}") from error
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """The compiled code pattern of each type that has one."""
        return {name: re.compile(pattern, re.ASCII) for name, pattern in self.codes.items()}

    def owns(self, type_name: str, code: str) -> bool:
        """Whether a code is one of this district's; any code is, of a type without a pattern."""
        pattern = self.patterns.get(type_name)
        return pattern is None or pattern.fullmatch(code) is not None

    def boundary_feature(self) -> dict[str, Any]:
        """The boundary as a GeoJSON Feature. Raises ProfileError where there is none."""
        if self.boundary is None:
            raise ProfileError(f"district {self.code} names no boundary file")
        feature: dict[str, Any] = json.loads(self._read(self.boundary))
        return feature

    def division_rows(self) -> Iterator[dict[str, str]]:
        """The rows of the divisions file, parents first. Raises ProfileError without one."""
        if self.divisions is None:
            raise ProfileError(f"district {self.code} names no divisions file")
        yield from csv.DictReader(self._read(self.divisions).splitlines())

    def seed_points(self) -> dict[str, tuple[float, float]]:
        """Rough centre (longitude, latitude) of each subdistrict by code; empty without a file."""
        if self.seeds is None:
            return {}
        rows = csv.DictReader(self._read(self.seeds).splitlines())
        return {row["code"]: (float(row["longitude"]), float(row["latitude"])) for row in rows}

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except OSError as error:
            raise ProfileError(
                f"district {self.code}: cannot read {name}: {error.strerror}"
            ) from error


def shipped() -> list[str]:
    """Names of the districts that come with the hub."""
    root = Path(str(files("hub.district")))
    return sorted(path.parent.name for path in root.glob("*/district.yaml"))


def load_profile(where: str | Path) -> Profile:
    """The profile of a shipped district by name, or of a `district.yaml` or its folder by path.

    Raises ProfileError with the place and the expectation for anything wrong.
    """
    path = Path(where)
    if str(where) in shipped():
        path = Path(str(files("hub.district"))) / str(where)
    if path.is_dir():
        path = path / "district.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(
            f"cannot read district {where}: {error.strerror}; "
            f"give a district.yaml, or one of {', '.join(shipped())}"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name} is not YAML in UTF-8: {error}") from error
    if not isinstance(raw, dict):
        raise ProfileError(f"{path.name} must be a mapping with code, name and time_zone")
    try:
        return Profile.model_validate({**raw, "folder": path.parent})
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ProfileError(f"{path.name}: {places}") from error
