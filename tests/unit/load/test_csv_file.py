"""CSV files with all that can be wrong in them: each bad row costs one row."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.load.csv_file import CsvFile
from hub.load.errors import LoadError, RejectCode


def read(
    path: Path, data: bytes, size: int = 3, **options: str | bool
) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Rows and reject codes by line."""
    path.write_bytes(data)
    good: dict[int, list[str]] = {}
    bad: dict[int, str] = {}
    for chunk in CsvFile(path, **options).chunks(size):  # type: ignore[arg-type]
        good.update({n: list(c) for n, c in zip(chunk.lines, chunk.cells, strict=True)})
        bad.update({reject.line: reject.code for reject in chunk.rejects})
    return good, bad


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def test_good_rows_keep_their_line_numbers(file: Path) -> None:
    good, bad = read(file, b"a,b\n1,2\n\n3,4\r\n5,6")
    assert good == {2: ["1", "2"], 4: ["3", "4"], 5: ["5", "6"]}
    assert bad == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1,2,3", RejectCode.WRONG_WIDTH),
        (b"1", RejectCode.WRONG_WIDTH),
        (b"\xff\xfe,2", RejectCode.WRONG_ENCODING),
        (b'"open,2', RejectCode.BROKEN_ROW),
        (b"1\0,2", RejectCode.BROKEN_ROW),
        (b"1\rx,2", RejectCode.WRONG_WIDTH),
        (b'a"b,"c', RejectCode.WRONG_WIDTH),
        (b"1," + b"x" * 200_000, RejectCode.WRONG_WIDTH),
    ],
)
def test_one_bad_row_costs_one_row(file: Path, line: bytes, code: str) -> None:
    good, bad = read(file, b"a,b\n1,2\n" + line + b'\n"3","4"\n5,6\n', size=100)
    if line == b'a"b,"c':
        assert good.pop(3) == ['a"b', "c\n"]
    else:
        assert bad == {3: code}
    assert good == {2: ["1", "2"], 4: ["3", "4"], 5: ["5", "6"]}


def test_other_encodings(file: Path) -> None:
    data = "编码,名称\n1,云霄路社区\n".encode("gb18030") + b"2,\xff\xff\n3,x\n"
    good, bad = read(file, data, encoding="gb18030")
    assert good == {2: ["1", "云霄路社区"], 4: ["3", "x"]}
    assert bad == {3: RejectCode.WRONG_ENCODING}


def test_a_byte_order_mark_is_no_part_of_the_header(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfcode,name\n1,2\n")
    assert CsvFile(file).header == ["code", "name"]


def test_multiline_values_when_the_mapping_says_so(file: Path) -> None:
    data = b'a,b\n1,"x\ny"\n2,z\n\xff,1\n3,"p""q"\n4,5,6\n'
    good, bad = read(file, data, multiline=True)
    assert good == {2: ["1", "x\ny"], 4: ["2", "z"], 6: ["3", 'p"q']}
    assert bad == {5: RejectCode.WRONG_ENCODING, 7: RejectCode.WRONG_WIDTH}


def test_without_it_they_are_rejected(file: Path) -> None:
    good, bad = read(file, b'a,b\n1,"x\ny"\n2,z\n')
    assert good == {4: ["2", "z"]}
    assert set(bad) == {2, 3}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not begin with a header"),
        (b"\n1,2\n", "does not begin with a header"),
        (b"\xff\xff,b\n", "header of a.csv is not utf-8"),
        (b"\0\n", "does not begin with a header"),
    ],
)
def test_files_that_cannot_be_read_at_all(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    with pytest.raises(LoadError, match=said):
        CsvFile(file)
    with pytest.raises(LoadError, match="Cannot read"):
        CsvFile(file.parent / "none.csv")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=20), st.integers(1, 7))
def test_what_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], size: int
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["a", "b"], *rows])
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    good, bad = read(file, text.getvalue().encode(), size=size)
    assert list(good.values()) == rows
    assert bad == {}
