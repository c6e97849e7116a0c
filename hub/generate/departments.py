"""The departments of a district: eight by task, one office per subdistrict, and some others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.generate.codes import usccs
from hub.generate.divisions import Divisions

NAMES: tuple[tuple[str, str], ...] = (
    ("GRID_CENTRE", "{0}网格化服务中心"),
    ("CITY_MANAGEMENT", "{0}城市管理局"),
    ("MARKET_REGULATION", "{0}市场监督管理局"),
    ("ADMINISTRATIVE_APPROVAL", "{0}行政审批服务局"),
    ("EMERGENCY_MANAGEMENT", "{0}应急管理局"),
    ("PUBLIC_SECURITY", "{1}公安局市南分局"),
    ("HOUSING", "{0}住房和城乡建设局"),
    ("BIG_DATA", "{0}大数据发展管理局"),
    ("OTHER", "{0}卫生健康局"),
    ("OTHER", "{0}文化和旅游局"),
    ("OTHER", "{0}教育和体育局"),
    ("OTHER", "{0}人力资源和社会保障局"),
    ("OTHER", "{0}民政局"),
    ("OTHER", "{1}交通运输局市南分局"),
)


@dataclass(frozen=True)
class Department:
    """A department: its code is a made-up USCC of a state organ (category 11)."""

    code: str
    kind: str
    name: str
    subdistrict: str = ""


def make_departments(divisions: Divisions) -> list[Department]:
    """The departments in the order of `NAMES`, then one office per subdistrict."""
    district, city = divisions.district, divisions.city
    count = len(NAMES) + len(divisions.subdistricts)
    codes = usccs(f"11{district.code}", np.arange(1, count + 1, dtype=np.int64), "004")
    made = [
        Department(code, kind, name.format(district.name, city.name))
        for code, (kind, name) in zip(codes, NAMES, strict=False)
    ]
    for code, place in zip(codes[len(NAMES) :], divisions.subdistricts, strict=True):
        name = f"{district.name}{place.name}办事处"
        made.append(Department(code, "SUBDISTRICT_OFFICE", name, place.code))
    return made


def find(departments: list[Department], part: str) -> Department:
    """The first department whose name holds a text. Raises LookupError if none does."""
    for department in departments:
        if part in department.name:
            return department
    raise LookupError(f"no department named …{part}…")
