"""Districts as data: profiles, and the repaired boundary."""

import json
from pathlib import Path

import pytest
from shapely.geometry import shape

from hub.district.profile import ProfileError, load_profile, shipped
from hub.district.repair import FLAG, repair

SHARED = Path(__file__).parents[3] / "shared" / "data"
GOOD = """
code: "1"
name: A
time_zone: Asia/Shanghai
parents: {province: {code: "2", name: B}, city: {code: "3", name: C}}
"""


def test_all_shipped_profiles_load() -> None:
    assert shipped() == ["san_francisco", "shinan"]
    for name in shipped():
        profile = load_profile(name)
        assert profile.zone.key == profile.time_zone
        assert profile.owns("District", profile.code)


def test_shinan_has_its_real_divisions() -> None:
    rows = list(load_profile("shinan").division_rows())
    levels = [row["level"] for row in rows]
    assert [levels.count(x) for x in ("district", "street", "community")] == [1, 11, 50]
    profile = load_profile("shinan")
    types = {"district": "District", "street": "Subdistrict", "community": "Community"}
    assert all(profile.owns(types[row["level"]], row["code"]) for row in rows)
    assert set(profile.seed_points()) == {r["code"] for r in rows if r["level"] == "street"}


def test_the_boundary_is_repaired_and_says_so() -> None:
    feature = load_profile("shinan").boundary_feature()
    outline = shape(feature["geometry"])
    assert outline.is_valid
    assert outline.geom_type == "Polygon"
    assert feature["properties"]["flags"] == [FLAG]
    said = feature["properties"]["repair"]
    assert said["area_after_deg2"] == outline.area == said["area_before_deg2"]


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data, which is not here")
def test_repairing_again_gives_the_same() -> None:
    source = json.loads((SHARED / "shinan_boundary.geojson").read_text(encoding="utf-8"))
    feature = source["features"][0] if "features" in source else source
    assert repair(feature) == load_profile("shinan").boundary_feature()
    ours = Path(str(load_profile("shinan").folder)) / "divisions.csv"
    assert ours.read_bytes() == (SHARED / "shinan_divisions.csv").read_bytes()


def test_what_needs_no_repair_is_not_flagged() -> None:
    square = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    feature = repair({"properties": None, "geometry": {"type": "Polygon", "coordinates": square}})
    assert feature["properties"] == {}


def test_a_bow_tie_becomes_two_triangles() -> None:
    ring = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    feature = repair({"geometry": {"type": "Polygon", "coordinates": ring}})
    assert feature["properties"]["flags"] == [FLAG]
    assert shape(feature["geometry"]).geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code: [", "not YAML"),
        ("- a", "must be a mapping"),
        ("name: A", "code: Field required"),
        (GOOD.replace("Asia/Shanghai", "Asia/Qingdao"), "time_zone.*not a time zone"),
        (GOOD + "codes: {Kiosk: x}", "codes.*'Kiosk' is not a type"),
        (GOOD + "codes: {Venue: '('}", "does not compile"),
        (GOOD + "colour: red", "colour: Extra inputs"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "district.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        load_profile(tmp_path)


def test_a_missing_profile_says_which_there_are() -> None:
    with pytest.raises(ProfileError, match="one of san_francisco, shinan"):
        load_profile("atlantis")


def test_files_that_are_not_named_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "district.yaml").write_text(GOOD, encoding="utf-8")
    profile = load_profile(tmp_path)
    with pytest.raises(ProfileError, match="names no boundary"):
        profile.boundary_feature()
    with pytest.raises(ProfileError, match="names no divisions"):
        list(profile.division_rows())
    assert profile.seed_points() == {}
    (tmp_path / "district.yaml").write_text(GOOD + "boundary: b.geojson", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"cannot read b\.geojson"):
        load_profile(tmp_path).boundary_feature()
