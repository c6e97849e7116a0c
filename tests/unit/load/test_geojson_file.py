"""GeoJSON files, feature by feature."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.load import geojson_file
from hub.load.errors import LoadError, RejectCode
from hub.load.geojson_file import GeoJsonFile
from hub.load.reject_file import RejectFile
from hub.load.rows import Chunk

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def feature(**properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": SQUARE}


def collection(*features: Any, indent: int | None = None) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=indent)


def read(path: Path, text: str, columns: list[str], size: int = 2) -> list[Chunk]:
    path.write_text(text, encoding="utf-8")
    return list(GeoJsonFile(path, columns).chunks(size))


def test_cells_are_text_and_lines_are_counted(tmp_path: Path) -> None:
    features = [feature(a=1.5, b=True, c=None, d=["x", 2], e="名"), feature(a=2), feature()]
    chunks = read(tmp_path / "a.geojson", collection(*features, indent=1), list("abcde"))
    cells = [list(c) for chunk in chunks for c in chunk.cells]
    assert cells == [["1.5", "true", "", "x|2", "名"], ["2", "", "", "", ""], [""] * 5]
    lines = [line for chunk in chunks for line in chunk.lines]
    text = collection(*features, indent=1).split("\n")
    assert [text[line - 1].strip() for line in lines] == ["{"] * 3
    assert [g for chunk in chunks for g in chunk.geometries or []] == [SQUARE] * 3


def test_what_is_no_feature_costs_itself_only(tmp_path: Path) -> None:
    text = collection(feature(a=1), {"type": "Point"}, 7, None, feature(a=2))
    chunks = read(tmp_path / "a.geojson", text, ["a"])
    assert [c[0] for chunk in chunks for c in chunk.cells] == ["1", "2"]
    assert [r.code for chunk in chunks for r in chunk.rejects] == [RejectCode.BROKEN_ROW] * 3


def test_what_no_store_can_hold_costs_itself_only(tmp_path: Path) -> None:
    text = collection(feature(a="\x00"), feature(a="\ud800"), feature(a="ok"))
    chunks = read(tmp_path / "a.geojson", text, ["a"])
    assert [c[0] for chunk in chunks for c in chunk.cells] == ["ok"]
    rejects = [r for chunk in chunks for r in chunk.rejects]
    assert [r.code for r in rejects] == [RejectCode.BROKEN_ROW] * 2
    with RejectFile(tmp_path / "r.csv") as file:
        file.add("a.geojson", "City", rejects)
    assert "\\ud800" in (tmp_path / "r.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("whole", [0, 1, 2])
def test_a_cut_off_file_gives_what_was_whole(tmp_path: Path, whole: int) -> None:
    text = collection(feature(a=1), feature(a=2), feature(a=3))
    starts = [at for at in range(len(text)) if text.startswith('{"type": "Feature",', at)]
    chunks = read(tmp_path / "a.geojson", text[: starts[whole] + 30], ["a"])
    rejects = [r for chunk in chunks for r in chunk.rejects]
    assert [r.code for r in rejects] == [RejectCode.BROKEN_ROW]
    assert sum(len(chunk) for chunk in chunks) == whole


def test_files_that_are_no_collection(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    for text in ("", "{}", "code,name\n1,2\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LoadError, match="not a GeoJSON FeatureCollection"):
            GeoJsonFile(path, [])
    with pytest.raises(LoadError, match="Cannot read"):
        GeoJsonFile(tmp_path / "none", [])


def test_a_wrong_byte_ends_the_file_with_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(collection(feature(a="x")).encode().replace(b'"x"', b'"\xff"'))
    chunks = list(GeoJsonFile(path, ["a"]).chunks())
    assert [r.code for chunk in chunks for r in chunk.rejects] == [RejectCode.WRONG_ENCODING]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@settings(max_examples=50, deadline=None)
@given(st.lists(NAMES, max_size=12), st.integers(1, 40), st.integers(1, 5))
def test_the_size_of_a_block_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], block: int, size: int
) -> None:
    path = tmp_path_factory.mktemp("g") / "a.geojson"
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature(a=n) for n in names]},
        ensure_ascii=False,
    )
    path.write_text(text, encoding="utf-8", errors="replace")
    wanted = [json.loads(path.read_text(encoding="utf-8"))["features"][i]["properties"]["a"]
              for i in range(len(names))]  # fmt: skip
    file = GeoJsonFile(path, ["a"])
    before, geojson_file._BLOCK = geojson_file._BLOCK, block
    try:
        chunks = list(file.chunks(size))
    finally:
        geojson_file._BLOCK = before
    assert [c[0] for chunk in chunks for c in chunk.cells] == wanted
    assert not any(chunk.rejects for chunk in chunks)
