"""A few records of every type, always the same: what the golden answers come from."""

from __future__ import annotations

from typing import Any

from resolvers.bulk import BulkRow
from resolvers.model import CATALOG
from tests.event_rows import version

FIRM = "91370202000000000U"
OTHER_FIRM = "913702020000000022"
LICENCE = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


def row(
    type_name: str, code: str, edges: dict[str, Any] | None = None, /, **fields: Any
) -> BulkRow:
    return BulkRow(CATALOG[type_name], code, fields, edges or {})


def square(west: float) -> dict[str, Any]:
    """The boundary of a grid: 0.01 degrees to each side."""
    east, south, north = round(west + 0.01, 2), 36.0, 36.01
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


DIVISIONS = [
    row("Province", "37", name="山东省"),
    row("City", "3702", {"province": "37"}, name="青岛市"),
    row("District", "370202", {"city": "3702"}, name="市南区", time_zone="Asia/Shanghai"),
    row("Subdistrict", "370202001", {"district": "370202"}, name="八大峡街道"),
    row("Community", "370202001001", {"subdistrict": "370202001"}, name="西镇社区"),
    row(
        "Grid", "370202001001001", {"community": "370202001001"},
        name="第一网格", boundary=square(120.3), location=[120.305, 36.005],
    ),
    row(
        "Grid", "370202001001002", {"community": "370202001001"},
        name="第二网格", boundary=square(120.31), location=[120.315, 36.005],
    ),
]  # fmt: skip

RECORDS = [
    row("Department", "D1", name="市场监督管理局", kind="MARKET_REGULATION"),
    row("Department", "D2", {"subdistrict": "370202001"}, name="街道办", kind="SUBDISTRICT_OFFICE"),
    row("LicenceKind", "01", {"issuer": "D1"}, name="食品经营许可证", electronic=True,
        validity_months=60),
    row("LicenceKind", "02", name="营业执照", electronic=False),
    row("Building", "B1", name="海军大厦", use="OFFICE", floors=20, built_year=1998,
        address="香港中路1號", location=[120.302, 36.002]),
    row("Building", "B2", name="老楼", location=[120.312, 36.002]),
    row("Firm", FIRM, name="青岛天山有限公司", status="ACTIVE", industry="F5211",
        established_on="2015-03-01", registered_capital=50.0, location=[120.303, 36.003]),
    row("Firm", OTHER_FIRM, name="青岛海山有限公司", status="SUSPENDED"),
    row("Venue", "V1", {"building": "B1", "operator": FIRM}, name="天山門店", kind="SHOP",
        status="OPEN", address="香港中路1號", location=[120.302, 36.002], floor_area=80.5),
    row("Venue", "V2", {"operator": FIRM}, name="咖啡", kind="EATERY", status="OPEN",
        location=[120.304, 36.004], floor_area=40.0),
    row("Venue", "V3", name="便利店", kind="SHOP", location=[120.312, 36.006]),
    row("Venue", "V4", name="旧店", kind="SHOP", status="CLOSED"),
    row("Licence", LICENCE, {"kind": "01", "holder": FIRM, "issuer": "D1", "venue": "V1"},
        name="食品经营许可证", status="VALID", number="JY0001", issued_on="2024-01-31",
        expires_on="2029-01-30", holder_kind="FIRM"),
    row("Camera", "37020200001320000001", {"owner": "D1", "watches": ["V1", "V3"]}, name="路口",
        scene="STREET", value="HIGH", status="ONLINE", catalogued=True,
        location=[120.3021, 36.0021], heading=90.0),
    row("Camera", "37020200001320000002", {"owner": "D2"}, name="校门", scene="SCHOOL_GATE",
        status="OFFLINE", location=[120.311, 36.001]),
]  # fmt: skip
RETIRED = ("Venue", "V4")

CAMERA, OTHER_CAMERA = "37020200001320000001", "37020200001320000002"
PATH = ["370202", "370202001", "370202001001", "370202001001001"]
SEEN = {"grid": PATH[-1], "path": PATH, "position": {"longitude": 120.3021, "latitude": 36.0021}}
PICTURE = {"kind": "SNAPSHOT", "sha256": "ab" * 32, "mediaType": "image/jpeg"}
EVENTS = [
    version(CAMERA, "parked-1", venue="V1", firm=FIRM, zone="kerb", evidence=[PICTURE], **SEEN),
    version(
        CAMERA, "parked-1", 2, venue="V1", firm=FIRM, zone="kerb", phase="CLOSED",
        status="CLOSED", closedAt="2026-01-31T02:00:00.000000Z", evidence=[PICTURE], **SEEN,
        before={"phase": "OPENED", "status": "OPEN", "closedAt": None},
    ),
    version(
        CAMERA, "parked-1", 3, venue="V1", firm=FIRM, zone="kerb", phase="REVIEWED",
        status="CLOSED", closedAt="2026-01-31T02:00:00.000000Z", verdict="CONFIRMED",
        reviewedBy="li", reviewedAt="2026-01-31T03:00:00.000000Z", reviewId="r" * 8, **SEEN,
        before={"phase": "CLOSED", "verdict": None},
    ),
    version(
        CAMERA, "crowd-01", type="CROWD_GATHERING", rule="crowd", confidence=0.9,
        attributes={"people": 31}, openedAt="2026-01-31T16:30:00.000000Z", **SEEN,
    ),
    version(OTHER_CAMERA, "litter-1", type="GARBAGE_PILE", rule="litter", verdict="REJECTED"),
]  # fmt: skip
