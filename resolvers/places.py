"""Places: the divisions from the province down to the grid, and buildings (区划、网格、楼栋)."""

from resolvers.catalog import Choices, Edge, Entity, Field, ValueType

BOUNDARY = Field("boundary", ValueType.SHAPE, "Boundary as GeoJSON, WGS 84 (边界).")
CENTRE = Field("location", ValueType.POINT, "A point inside the boundary.")
LOCATION = Field("location", ValueType.POINT, "Where it stands, WGS 84 (位置).")
ADDRESS = Field("address", ValueType.TEXT, "Postal address (地址).", search=True)


def in_grid(reverse: str, doc: str = "The grid it stands in (所在网格).") -> Edge:
    """The containment edge that every located type has."""
    return Edge("grid", "IN", "Grid", doc, reverse=reverse, placed=True)


BUILDING_USE = Choices(
    "BuildingUse",
    {
        "RESIDENTIAL": "Homes (住宅).",
        "OFFICE": "Offices (写字楼).",
        "COMMERCIAL": "Shops and services (商业).",
        "INDUSTRIAL": "Production and storage (厂房、仓储).",
        "PUBLIC": "Schools, hospitals, offices of the state (公共建筑).",
        "MIXED": "Several uses (综合).",
    },
    "What a building is used for.",
)

PROVINCE = Entity(
    "Province", "Provinces", "places", "division-2", "2 digits, GB/T 2260.", public=True, level=0
)

CITY = Entity(
    "City",
    "Cities",
    "places",
    "division-4",
    "4 digits, GB/T 2260.",
    edges=(Edge("province", "IN", "Province", "The province it is in.", reverse="cities"),),
    public=True,
    level=1,
)

DISTRICT = Entity(
    "District",
    "Districts",
    "places",
    "division-6",
    "6 digits, GB/T 2260.",
    fields=(
        BOUNDARY,
        CENTRE,
        Field("timeZone", ValueType.TEXT, "IANA time zone in which its dates are meant."),
    ),
    edges=(Edge("city", "IN", "City", "The city it is in.", reverse="districts"),),
    public=True,
    level=2,
)

SUBDISTRICT = Entity(
    "Subdistrict",
    "Subdistricts",
    "places",
    "division-9",
    "9 digits: district + 3.",
    fields=(BOUNDARY, CENTRE),
    edges=(
        Edge(
            "district",
            "IN",
            "District",
            "The district it is in (所属区).",
            reverse="subdistricts",
            required=True,
        ),
    ),
    public=True,
    level=3,
)

COMMUNITY = Entity(
    "Community",
    "Communities",
    "places",
    "division-12",
    "12 digits: subdistrict + 3.",
    fields=(BOUNDARY, CENTRE),
    edges=(
        Edge(
            "subdistrict",
            "IN",
            "Subdistrict",
            "The subdistrict it is in (所属街道).",
            reverse="communities",
            required=True,
        ),
    ),
    public=True,
    level=4,
)

GRID = Entity(
    "Grid",
    "Grids",
    "places",
    "division-15",
    "15 digits: community + 3.",
    fields=(BOUNDARY, CENTRE),
    edges=(
        Edge(
            "community",
            "IN",
            "Community",
            "The community it is in (所属社区).",
            reverse="grids",
            required=True,
        ),
    ),
    public=True,
    level=5,
)

BUILDING = Entity(
    "Building",
    "Buildings",
    "places",
    "own",
    "Own code, unique.",
    fields=(
        ADDRESS,
        LOCATION,
        Field(
            "use",
            ValueType.TEXT,
            "What it is used for (用途).",
            choices=BUILDING_USE,
            order=True,
            index=True,
            dimension=True,
        ),
        Field(
            "floors",
            ValueType.INT,
            "Floors above ground (层数).",
            order=True,
            minimum=0,
            maximum=200,
        ),
        Field(
            "builtYear",
            ValueType.INT,
            "Year of completion (建成年份).",
            order=True,
            minimum=1000,
            maximum=2100,
        ),
    ),
    edges=(in_grid("buildings"),),
    public=True,
)

ENTITIES = (PROVINCE, CITY, DISTRICT, SUBDISTRICT, COMMUNITY, GRID, BUILDING)
