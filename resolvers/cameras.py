"""Cameras: the catalogue of video streams (视频监控)."""

from resolvers.catalog import Choices, Edge, Entity, Field, ValueType
from resolvers.places import ADDRESS, LOCATION, in_grid

CAMERA_SCENE = Choices(
    "CameraScene",
    {
        "STREET": "Street and pavement (街面).",
        "SQUARE": "Square or scenic spot (广场、景区).",
        "MARKET": "Market (市场).",
        "SCHOOL_GATE": "School gate (学校门口).",
        "RESIDENTIAL": "Residential compound (小区).",
        "FACADE": "Façade of a high building (高空).",
        "WASTE_POINT": "Waste collection point (垃圾投放点).",
        "TRAFFIC": "Traffic (交通).",
    },
    "What a camera mainly looks at.",
)

CAMERA_VALUE = Choices(
    "CameraValue",
    {"HIGH": "High value, catalogued (高价值).", "MEDIUM": "Medium (中).", "LOW": "Low (低)."},
    "How much a stream is worth to departments.",
)

CAMERA_STATUS = Choices(
    "CameraStatus",
    {
        "ONLINE": "Delivering a stream (在线).",
        "OFFLINE": "Not delivering (离线).",
        "MAINTENANCE": "Under repair (维护).",
    },
    "Whether a camera delivers.",
)

CAMERA = Entity(
    "Camera",
    "Cameras",
    "cameras",
    "gbt28181",
    "20 digits, GB/T 28181: 8 centre + 2 industry + 3 type + 1 network + 6 serial.",
    fields=(
        Field(
            "scene",
            ValueType.TEXT,
            "What it mainly looks at (场景).",
            choices=CAMERA_SCENE,
            order=True,
            index=True,
            dimension=True,
        ),
        Field(
            "value",
            ValueType.TEXT,
            "How much the stream is worth (价值等级).",
            choices=CAMERA_VALUE,
            index=True,
            dimension=True,
        ),
        Field(
            "status",
            ValueType.TEXT,
            "Whether it delivers (状态).",
            choices=CAMERA_STATUS,
            order=True,
            index=True,
            dimension=True,
        ),
        Field("catalogued", ValueType.BOOL, "Listed in the catalogue of streams (已编目)."),
        ADDRESS,
        LOCATION,
        Field(
            "heading",
            ValueType.FLOAT,
            "Direction it looks in, degrees clockwise from north.",
            minimum=0,
            maximum=360,
        ),
    ),
    edges=(
        in_grid("cameras"),
        Edge(
            "owner",
            "OWNED_BY",
            "Department",
            "The department that owns it (所属部门).",
            reverse="cameras",
        ),
        Edge(
            "watches",
            "WATCHES",
            "Venue",
            "The venues it has in view (监控场所).",
            reverse="cameras",
            many=True,
        ),
    ),
)

ENTITIES = (CAMERA,)
