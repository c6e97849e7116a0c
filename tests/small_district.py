"""A small made-up district, of any size and always the same, as rows for `BulkWriter`.

Square grids stand in a row; everything else is spread over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stdnum.cn import uscc

from resolvers.bulk import BulkRow
from resolvers.codes import licence_check_character
from resolvers.model import CATALOG

WEST, SOUTH, STEP = 120.0, 36.0, 0.01
GRIDS = 12


def square(i: int) -> dict[str, Any]:
    """The boundary of the i-th grid: a square of 0.01 degrees."""
    west = WEST + i * STEP
    ring = [
        [west, SOUTH],
        [west + STEP, SOUTH],
        [west + STEP, SOUTH + STEP],
        [west, SOUTH + STEP],
        [west, SOUTH],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def firm_code(i: int) -> str:
    """A valid USCC."""
    stem = f"91370202{i:09d}"
    return stem + uscc.calc_check_digit(stem)


def licence_code(i: int, firm: str) -> str:
    """A valid electronic licence identifier."""
    stem = f"1.2.156.3005.2.11100000000013338W011.{firm}.{i:08d}.001"
    return f"{stem}.{licence_check_character(stem)}"


def grid_code(i: int) -> str:
    return f"370202001{i // 4 + 1:03d}{i % 4 + 1:03d}"


def rows(size: int) -> Iterator[BulkRow]:
    """Divisions, departments and kinds, then `size` each of buildings, firms, venues, licences
    and cameras; targets before their sources."""
    made = 0

    def row(
        type_name: str, code: str, edges: dict[str, Any] | None = None, /, **fields: Any
    ) -> BulkRow:
        nonlocal made
        made += 1
        return BulkRow(CATALOG[type_name], code, fields, edges or {}, ref=made)

    yield row("Province", "37", name="山东省")
    yield row("City", "3702", {"province": "37"}, name="青岛市")
    yield row("District", "370202", {"city": "3702"}, name="市南区", time_zone="Asia/Shanghai")
    yield row("Subdistrict", "370202001", {"district": "370202"}, name="第一街道")
    for i in range(GRIDS // 4):
        code = f"370202001{i + 1:03d}"
        yield row("Community", code, {"subdistrict": "370202001"}, name=f"第{i + 1}社区")
    for i in range(GRIDS):
        centre = [WEST + (i + 0.5) * STEP, SOUTH + STEP / 2]
        yield row(
            "Grid",
            grid_code(i),
            {"community": f"370202001{i // 4 + 1:03d}"},
            name=f"网格{i + 1}",
            boundary=square(i),
            location=centre,
        )
    for i in range(3):
        yield row("Department", f"D{i}", name=f"部门{i}", kind="MARKET_REGULATION")
        yield row(
            "LicenceKind", f"{i + 1:02d}", {"issuer": f"D{i}"}, name="许可证", electronic=True
        )
    for i in range(size):
        yield row(
            "Building", f"B{i}", name=f"楼栋{i}", address=f"香港中路{i}號", use="OFFICE",
            floors=i % 30 + 1, location=place(i),
        )  # fmt: skip
    for i in range(size):
        yield row(
            "Firm", firm_code(i), name=f"青岛第{i}有限公司", status="ACTIVE", industry="F5211",
            location=place(i), established_on="2015-03-01", registered_capital=50.0,
        )  # fmt: skip
    for i in range(size):
        yield row(
            "Venue",
            f"V{i}",
            {"building": f"B{i}", "operator": firm_code(i)},
            name=f"便利店{i}", kind="SHOP", status="OPEN", address=f"香港中路{i}號",
            location=place(i), floor_area=80.5,
        )  # fmt: skip
    for i in range(size):
        yield row(
            "Licence",
            licence_code(i, firm_code(i)),
            {"kind": f"{i % 3 + 1:02d}", "holder": firm_code(i), "issuer": f"D{i % 3}",
             "venue": f"V{i}"},
            name="食品经营许可证", status="VALID", number=f"JY{i:08d}",
            issued_on="2024-01-31", expires_on="2029-01-30", holder_kind="FIRM",
        )  # fmt: skip
    for i in range(size):
        watches = [f"V{(i + k) % size}" for k in range(i % 3)]
        yield row(
            "Camera",
            f"37020200001320{i:06d}",
            {"owner": f"D{i % 3}", "watches": watches},
            name=f"摄像机{i}", scene="STREET", value="HIGH", status="ONLINE", catalogued=True,
            location=place(i), heading=float(i % 360),
        )  # fmt: skip


def place(i: int) -> list[float]:
    """A point inside one of the grids, every 50th a little outside them all."""
    x = WEST + (i * 0.00137) % (GRIDS * STEP)
    y = SOUTH - 0.0005 if i % 50 == 49 else SOUTH + 0.001 + (i * 0.00071) % 0.008
    return [round(x, 6), round(y, 6)]


def batches(size: int, each: int = 5000) -> Iterator[list[BulkRow]]:
    """The rows in batches."""
    batch: list[BulkRow] = []
    for item in rows(size):
        batch.append(item)
        if len(batch) == each:
            yield batch
            batch = []
    if batch:
        yield batch
