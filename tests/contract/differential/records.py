"""The records of the differential test: a few thousand, made from a seed, with all that is awkward.

Two districts whose codes follow different patterns, names that recur, traditional and full-width
forms and characters beyond the basic plane, values left out, places outside every grid, the same
code for records of several types, records changed several times, and retired ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from stdnum.cn import uscc

from resolvers.bulk import BulkRow
from resolvers.catalog import ValueType
from resolvers.codes import Codes, licence_check_character
from resolvers.model import CATALOG

SF = {
    "District": re.compile("SF"),
    "Subdistrict": re.compile(r"SF-[A-Z]+"),
    "Community": re.compile(r"SF-[A-Z]+-\d"),
    "Grid": re.compile(r"SF-[A-Z]+-\d-\d"),
}
CODES = Codes([{}, SF])
STEP = 0.01
SIZES = {"Building": 250, "Firm": 300, "Venue": 600, "Licence": 600, "Camera": 250}

WORDS = (
    "香港中路", "天山", "門店", "门店", "便利店", "咖啡", "大學", "小学", "𠮷野家", "ＡＢＣ",
    "café", "O'Neill", "Market St", "百佳", "超市", "街道", "広場", "広场", "No.1", "ﬁsh",
    "İstanbul", "ß", '"引号"', "a:b AND (", "数据_2", "\\路", "\u2028行",
)  # fmt: skip
"""What names and addresses are made of."""


def comparable(name: str) -> str:
    """A name that Neo4j orders and compares alike: it sorts by code points, but compares with a
    parameter by UTF-16 units, which differ between U+E000 to U+FFFF and what lies beyond."""
    return re.sub(r"[\ue000-\uffff]", "万", name)


class Maker:
    """Makes rows from one source of chance."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.grids: list[tuple[str, float, float]] = []
        self.codes: dict[str, list[str]] = {name: [] for name in CATALOG.entities}

    def rows(self) -> Iterator[BulkRow]:
        """All records, targets before their sources."""
        yield from self._divisions()
        yield from self._departments()
        for name, size in SIZES.items():
            for i in range(size):
                yield self._located(name, i)

    def row(self, name: str, code: str, edges: dict[str, Any], /, **fields: Any) -> BulkRow:
        """A record with the given values, and others made up or left out."""
        entity = CATALOG[name]
        for field in entity.all_fields:
            open_to_us = field.writable and field.name != "code" and field.prop not in fields
            if open_to_us and (field.required or self.random.random() < 0.75):
                value = self._value(field.type, field.choices, field.prop)
                if field.minimum is not None and value is not None:
                    value = max(value, type(value)(field.minimum))
                if field.maximum is not None and value is not None:
                    value = min(value, type(value)(field.maximum))
                fields[field.prop] = value
        self.codes[name].append(code)
        kept = {key: value for key, value in fields.items() if value is not None}
        return BulkRow(entity, code, kept, {k: v for k, v in edges.items() if v is not None})

    def words(self) -> str:
        return "".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, 3)))

    def some(self, name: str, chance: float = 0.8) -> str | None:
        """The code of some record of a type, or none."""
        return self.random.choice(self.codes[name]) if self.random.random() < chance else None

    def _value(self, kind: ValueType, choices: Any, prop: str) -> Any:
        r = self.random
        if choices is not None:
            return r.choice(list(choices.values))
        match kind:
            case ValueType.TEXT:
                if prop == "industry":
                    return f"F{r.randint(51, 54)}{r.randint(1, 4)}"
                return self.words() if prop != "name" else comparable(self.words())
            case ValueType.INT:
                return r.randint(-3, 12)
            case ValueType.FLOAT:
                return float(r.choice((0.0, -1.5, 80.5, 1e15, 0.1, r.randint(0, 9), r.random())))
            case ValueType.BOOL:
                return r.random() < 0.5
            case ValueType.DATE:
                return f"20{r.randint(19, 29)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"
            case _:
                return None

    def _divisions(self) -> Iterator[BulkRow]:
        yield self.row("Province", "37", {}, name="山东省")
        yield self.row("Province", "06", {}, name="California")
        yield self.row("City", "3702", {"province": "37"}, name="青岛市")
        yield self.row("City", "0675", {"province": "06"}, name="San Francisco")
        yield self.row("City", "3799", {}, name="青岛市")
        yield self.row("District", "370202", {"city": "3702"}, name="市南区")
        yield self.row("District", "SF", {}, name="San Francisco")
        for i, district in enumerate(("370202", "370202", "SF")):
            sub = "SF-MISSION" if district == "SF" else f"37020200{i + 1}"
            yield self.row("Subdistrict", sub, {"district": district}, **self._shape(i * 9, 1))
            for j in range(3):
                community = f"{sub}-{j}" if district == "SF" else f"{sub}{j + 1:03d}"
                at = i * 9 + j * 3
                yield self.row("Community", community, {"subdistrict": sub}, **self._shape(at, 3))
                for k in range(3):
                    code = f"{community}-{k}" if district == "SF" else f"{community}{k + 1:03d}"
                    west = (-122.5 if district == "SF" else 120.0) + (at + k) * STEP
                    south = 37.7 if district == "SF" else 36.0
                    self.grids.append((code, west, south))
                    yield self.row(
                        "Grid", code, {"community": community},
                        boundary=square(west, south), location=[west + STEP / 2, south + STEP / 2],
                    )  # fmt: skip

    def _shape(self, at: int, wide: int) -> dict[str, Any]:
        """A boundary and centre, or neither."""
        if self.random.random() < 0.4:
            return {"boundary": None, "location": None}
        west, south = 110.0 + at * STEP, 36.0
        return {"boundary": square(west, south, wide), "location": [west + 0.001, south + 0.001]}

    def _departments(self) -> Iterator[BulkRow]:
        for i in range(14):
            code = ("01", "02", "370202")[i] if i < 3 else f"D{i}"
            yield self.row("Department", code, {"subdistrict": self.some("Subdistrict", 0.5)})
        for i in range(12):
            yield self.row("LicenceKind", f"{i + 1:02d}", {"issuer": self.some("Department")})

    def _located(self, name: str, i: int) -> BulkRow:
        r = self.random
        edges: dict[str, Any] = {}
        if name == "Licence":
            holder = self.some("Firm")
            code = licence_code(i, holder or "370202")
            edges = {
                "kind": self.some("LicenceKind", 1.0),
                "holder": holder,
                "issuer": self.some("Department"),
                "venue": self.some("Venue"),
            }
            return self.row(name, code, edges)
        own = {"Building": f"B{i}", "Venue": f"V{i}", "Camera": f"37020200001320{i:06d}"}.get(name)
        if name == "Venue":
            edges = {"building": self.some("Building"), "operator": self.some("Firm")}
            own = f"B{i}" if i < 20 else own
        if name == "Camera":
            watched = r.sample(self.codes["Venue"], r.randint(0, 3))
            edges = {"owner": self.some("Department"), "watches": watched or None}
        return self.row(name, own or firm_code(i), edges, location=self._place())

    def _place(self) -> list[float] | None:
        if self.random.random() < 0.15:
            return None
        _, west, south = self.random.choice(self.grids)
        x = west + self.random.uniform(0.05, 0.95) * STEP
        below = self.random.random() < 0.05
        y = south - 0.001 if below else south + self.random.uniform(0.05, 0.95) * STEP
        return [round(x, 6), round(y, 6)]


def square(west: float, south: float, wide: int = 1) -> dict[str, Any]:
    """A boundary of so many steps from west to east."""
    east, north = west + wide * STEP, south + STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def firm_code(i: int) -> str:
    """A valid USCC."""
    stem = f"91370202{i:09d}"
    return stem + uscc.calc_check_digit(stem)


def licence_code(i: int, issuer: str) -> str:
    """A valid electronic licence identifier."""
    stem = f"1.2.156.3005.2.11100000000013338W011.{issuer}.{i:08d}.001"
    return f"{stem}.{licence_check_character(stem)}"
