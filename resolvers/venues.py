"""Venues: the nine kinds of small venue, and larger ones (九小场所及较大场所)."""

from resolvers.catalog import Choices, Edge, Entity, Field, ValueType
from resolvers.places import ADDRESS, LOCATION, in_grid

VENUE_KIND = Choices(
    "VenueKind",
    {
        "SCHOOL": "Small schools and kindergartens (小学校、幼儿园).",
        "CLINIC": "Small clinics (小医院、诊所).",
        "SHOP": "Small shops (小商店).",
        "EATERY": "Small eateries (小餐饮).",
        "HOTEL": "Small hotels (小旅馆).",
        "ENTERTAINMENT": "Small entertainment venues (小歌舞娱乐).",
        "INTERNET_CAFE": "Small internet cafés (小网吧).",
        "BEAUTY_BATH": "Small beauty and bath houses (小美容洗浴).",
        "WORKSHOP": "Small production and processing workshops (小生产加工).",
        "LARGE_SCHOOL": "Schools and universities beyond the small kind (较大学校).",
        "HOSPITAL": "Hospitals (医院).",
        "MALL": "Shopping centres and supermarkets (商场、超市).",
        "RESTAURANT": "Large restaurants (大型餐饮).",
        "LARGE_HOTEL": "Large hotels (大型宾馆).",
        "STADIUM": "Theatres, stadiums and halls (剧院、体育场馆).",
        "FACTORY": "Factories and warehouses (工厂、仓库).",
    },
    "What a venue is: the nine small kinds come first, larger ones after them.",
)

VENUE_STATUS = Choices(
    "VenueStatus",
    {
        "OPEN": "Doing business (营业).",
        "SUSPENDED": "Closed for a time (停业).",
        "CLOSED": "Closed for good (关闭).",
    },
    "Whether a venue is doing business.",
)

VENUE = Entity(
    "Venue",
    "Venues",
    "venues",
    "own",
    "Own code, unique.",
    fields=(
        Field(
            "kind",
            ValueType.TEXT,
            "Which kind of venue (场所类型).",
            required=True,
            choices=VENUE_KIND,
            order=True,
            index=True,
            dimension=True,
        ),
        Field(
            "status",
            ValueType.TEXT,
            "Whether it is doing business (状态).",
            choices=VENUE_STATUS,
            order=True,
            index=True,
            dimension=True,
        ),
        ADDRESS,
        LOCATION,
        Field(
            "floorArea",
            ValueType.FLOAT,
            "Floor area in square metres (面积).",
            order=True,
            minimum=0,
        ),
    ),
    edges=(
        in_grid("venues"),
        Edge(
            "building",
            "LOCATED_IN",
            "Building",
            "The building it is in (所在楼栋).",
            reverse="venues",
        ),
        Edge(
            "operator",
            "OPERATED_BY",
            "Firm",
            "The firm that runs it (经营主体).",
            reverse="venues",
        ),
    ),
)

ENTITIES = (VENUE,)
