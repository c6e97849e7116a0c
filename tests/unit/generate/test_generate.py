"""A made-up district: the same from the same seed, in itself consistent, every code valid."""

import csv
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
import yaml
from shapely.geometry import shape
from stdnum.cn import uscc
from stdnum.iso7064 import mod_37_36

from hub.district.profile import load_profile
from hub.generate.kinds import KINDS
from hub.generate.run import generate
from hub.generate.scale import SCALES
from resolvers.codes import SCHEMES
from resolvers.model import CATALOG

TODAY = date(2026, 1, 31)
PROFILE = load_profile("shinan")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    generate(PROFILE, SCALES["tiny"], 1, TODAY, out)
    return out


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(PROFILE, SCALES["tiny"], 1, TODAY, tmp_path)
    assert files(tmp_path) == files(folder)


def test_another_seed_gives_another_district(folder: Path, tmp_path: Path) -> None:
    generate(PROFILE, SCALES["tiny"], 2, TODAY, tmp_path)
    same = {name for name, data in files(tmp_path).items() if files(folder)[name] == data}
    assert same == {
        "provinces.geojson",
        "cities.geojson",
        "districts.geojson",
        "subdistricts.geojson",
        "departments.csv",
        "licence_kinds.csv",
    }


def test_the_manifest_says_what_it_is(folder: Path) -> None:
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text(encoding="utf-8"))
    assert manifest["generated"] is True
    assert (manifest["seed"], manifest["scale"]) == (1, "tiny")
    assert manifest["reference_date"] == "2026-01-31"
    assert manifest["records"] == SCALES["tiny"].total == sum(manifest["files"].values())
    assert set(manifest["files"]) | {"manifest.yaml"} == set(files(folder))


@pytest.mark.parametrize("name", sorted(SCALES))
def test_every_scale_adds_up(name: str) -> None:
    scale = SCALES[name]
    assert scale.licences(64) > 0
    assert scale.licence_kinds == len(KINDS) == 33
    if name == "full":
        assert (scale.total, scale.cameras, scale.catalogued) == (1_600_000, 17_000, 10_000)
        assert scale.grids >= 1_500


def test_every_code_is_valid_and_unique(folder: Path) -> None:
    names = {"firms": "Firm", "licences": "Licence", "cameras": "Camera", "venues": "Venue"}
    names |= {"buildings": "Building", "departments": "Department", "licence_kinds": "LicenceKind"}
    for file, type_name in names.items():
        codes = [row["code"] for row in rows(folder, file)]
        assert len(codes) == len(set(codes))
        for code in codes:
            SCHEMES[CATALOG[type_name].code](code)
            assert PROFILE.owns(type_name, code)
    assert all(uscc.is_valid(row["code"]) for row in rows(folder, "firms"))
    assert all(uscc.is_valid(row["code"]) for row in rows(folder, "departments"))
    for row in rows(folder, "licences"):
        bare = row["code"].removeprefix("1.2.156.3005.2.").replace(".", "")
        assert mod_37_36.is_valid(bare)


def test_organisation_codes_within_usccs_have_their_check_character(folder: Path) -> None:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    for row in rows(folder, "firms"):
        body, check = row["code"][8:16], row["code"][16]
        total = sum(w * int(c, 36) for w, c in zip(weights, body, strict=True))
        assert check == "0123456789X"[(11 - total % 11) % 11]


def test_everything_stands_inside_the_district(folder: Path) -> None:
    grids = json.loads((folder / "grids.geojson").read_text(encoding="utf-8"))["features"]
    union = shapely.union_all([shape(grid["geometry"]) for grid in grids])
    for file in ("buildings", "firms", "venues", "cameras"):
        points = [(float(r["longitude"]), float(r["latitude"])) for r in rows(folder, file)]
        assert shapely.intersects_xy(union, np.array(points)).all()


def test_references_lead_somewhere(folder: Path) -> None:
    held = {name: {row["code"] for row in rows(folder, name)} for name in
            ("buildings", "firms", "venues", "departments", "licence_kinds")}  # fmt: skip
    for venue in rows(folder, "venues"):
        assert venue["building"] in held["buildings"]
        assert venue["operator"] in held["firms"] | {""}
    for licence in rows(folder, "licences"):
        assert licence["kind"] in held["licence_kinds"]
        assert licence["issuer"] in held["departments"]
        assert licence["venue"] in held["venues"] | {""}
        assert licence["holder"] in held["firms"] | {""}
    watched = [camera["watches"].split("|") for camera in rows(folder, "cameras")]
    assert all(set(codes) <= held["venues"] | {""} for codes in watched)
    assert max(map(len, watched)) <= 3


def test_licences_agree_with_their_dates(folder: Path) -> None:
    seen = Counter()
    for row in rows(folder, "licences"):
        seen[row["status"]] += 1
        assert row["issued_on"] <= TODAY.isoformat()
        if row["expires_on"]:
            assert row["expires_on"] > row["issued_on"]
        soon = (TODAY + timedelta(days=90)).isoformat()
        if row["status"] == "VALID":
            assert not row["expires_on"] or row["expires_on"] > soon
        elif row["status"] == "EXPIRING":
            assert TODAY.isoformat() <= row["expires_on"] <= soon
        elif row["status"] == "EXPIRED":
            assert row["expires_on"] < TODAY.isoformat()
    assert set(seen) == {"VALID", "EXPIRING", "EXPIRED", "SUSPENDED", "REVOKED", "REPLACED"}


def test_persons_are_numbered_never_named(folder: Path) -> None:
    persons = [row for row in rows(folder, "licences") if row["holder_kind"] == "PERSON"]
    assert persons
    kinds = {kind.name for kind in KINDS}
    for row in persons:
        assert row["holder_number"].startswith("P")
        assert row["holder_number"][1:].isdigit()
        assert row["holder"] == ""
        assert row["name"] in kinds


def test_there_are_33_kinds_of_which_24_electronic(folder: Path) -> None:
    kinds = rows(folder, "licence_kinds")
    assert len(kinds) == 33
    assert sum(row["electronic"] == "true" for row in kinds) == 24


def test_departments_of_nine_kinds_with_an_office_per_subdistrict(folder: Path) -> None:
    kinds = Counter(row["kind"] for row in rows(folder, "departments"))
    assert kinds["SUBDISTRICT_OFFICE"] == 11
    assert len(set(kinds) - {"OTHER"}) == 9


def test_catalogued_cameras_are_those_of_high_value(folder: Path) -> None:
    cameras = rows(folder, "cameras")
    listed = [row for row in cameras if row["catalogued"] == "true"]
    assert len(listed) == SCALES["tiny"].catalogued
    assert all((row["value"] == "HIGH") == (row["catalogued"] == "true") for row in cameras)
    assert all(len(row["code"]) == 20 and row["code"][10:13] == "132" for row in cameras)
