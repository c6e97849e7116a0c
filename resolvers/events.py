"""Events from video (视频事件): what the rules of cameras found, as ingest numbered it."""

from resolvers.catalog import Choices, Field, ValueType
from resolvers.row_types import Part, Reference, RowType

EVENT_TYPE = Choices(
    "EventType",
    {
        "CROWD_GATHERING": "At least N people in a zone for T seconds (人群聚集).",
        "PEOPLE_FLOW": "Counts over a line, occupancy, and an alarm over a limit (重点区域人流).",
        "OUT_OF_STORE_BUSINESS": "Goods or stalls on a pavement zone (出店占道经营).",
        "GARBAGE_PILE": "Something left in a zone that stays (垃圾堆放).",
        "BIN_OVERFLOW": "Waste above or around a bin (垃圾满溢).",
        "HIGH_ALTITUDE_THROWING": "Something falling along a façade (高空抛物).",
        "ILLEGAL_PARKING": "A vehicle standing in a no-parking zone (违停).",
    },
    "What an event is about.",
)

EVENT_PHASE = Choices(
    "EventPhase",
    {
        "OPENED": "It was seen for the first time.",
        "UPDATED": "It was seen again.",
        "CLOSED": "It is over.",
        "REVIEWED": "A person confirmed or rejected it.",
    },
    "What made a version of an event.",
)

EVENT_STATUS = Choices(
    "EventStatus",
    {"OPEN": "It goes on (进行中).", "CLOSED": "It is over (已结束)."},
    "Whether an event goes on.",
)

VERDICT = Choices(
    "Verdict",
    {"CONFIRMED": "It is as the rule says (属实).", "REJECTED": "It is not (误报)."},
    "What a person found.",
)

EVENT = RowType(
    "Event",
    "Events",
    "events",
    "events",
    fields=(
        Field("id", ValueType.TEXT, "Its id, the same whenever the clip is replayed.", True),
        Field("version", ValueType.INT, "Counts its changes, from 1, without gaps.", True),
        Field("type", ValueType.TEXT, "What it is about (类型).", True, EVENT_TYPE),
        Field("phase", ValueType.TEXT, "What made this version.", True, EVENT_PHASE),
        Field("status", ValueType.TEXT, "Whether it goes on (状态).", True, EVENT_STATUS),
        Field("openedAt", ValueType.INSTANT, "When it began, in capture time.", True, order=True),
        Field(
            "updatedAt",
            ValueType.INSTANT,
            "Capture time of the latest observation, or the time of the review.",
            True,
            order=True,
        ),
        Field("closedAt", ValueType.INSTANT, "When it was over; null while it goes on."),
        Field(
            "recordedAt",
            ValueType.INSTANT,
            "When the hub recorded this version.",
            True,
            order=True,
        ),
        Field("confidence", ValueType.FLOAT, "How sure the rule is, 0 to 1.", True, order=True),
        Field("position", ValueType.POINT, "Where it is, WGS 84."),
        Field("zone", ValueType.TEXT, "The camera's zone it was found in."),
        Field("verdict", ValueType.TEXT, "What a person found; null before.", choices=VERDICT),
        Field("reviewedBy", ValueType.TEXT, "Who reviewed it last."),
        Field("reviewedAt", ValueType.INSTANT, "When it was reviewed last."),
        Field("rule", ValueType.TEXT, "The rule that found it.", True),
        Field("source", ValueType.TEXT, "Who made it; `generated` marks made-up data.", True),
    ),
    references=(
        Reference("camera", "Camera", "The camera that saw it (监控).", "events"),
        Reference("grid", "Grid", "The grid it lies in (网格).", "events"),
        Reference("venue", "Venue", "The venue it concerns (场所).", "events"),
        Reference("firm", "Firm", "Who operated the venue then (经营者).", "events"),
    ),
    parts=(
        Part("observations", "Int!", "How often it was seen."),
        Part("reviewNote", "String", "What the reviewer wrote."),
        Part("box", "[Float!]", "Where it is in the picture: x1 y1 x2 y2 in pixels."),
        Part("evidence", "[Evidence!]!", "Snapshots and clips."),
        Part("attributes", "JSON!", "What the rule counted or measured."),
        Part("ruleVersion", "String!", "The rule's version."),
        Part("model", "String", "The model that found its objects."),
        Part("modelVersion", "String", "The model's version."),
    ),
)

ROWS = (EVENT,)
