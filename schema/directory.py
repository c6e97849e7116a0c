"""The directory: root fields that cross the domains."""

from schema.blocks import Argument, Domain, Extra

DOMAIN = Domain("directory")

WITHIN = Argument("[String!]", "Codes of divisions, of any level; what lies in any of them.", None)

DOMAIN.queries.update(
    node=Extra(
        "Record",
        "The record with this id, or null.",
        {"id": Argument("ID!", "A record's `id`.")},
    ),
    nodes=Extra(
        "[Record]!",
        "The records with these ids, in the same order; null where there is none.",
        {"ids": Argument("[ID!]!", "At most as many as a page may hold.")},
    ),
    locate=Extra(
        "[Record!]!",
        "Every record with this code, whatever its type (按编码查找).",
        {"code": Argument("String!", "A natural key of any kind.")},
    ),
    gridAt=Extra(
        "Grid",
        "The grid at a position; just outside the district (300 m) the nearest (坐标定位网格).",
        {
            "longitude": Argument("Float!", "Degrees east, WGS 84."),
            "latitude": Argument("Float!", "Degrees north, WGS 84."),
        },
    ),
    search=Extra(
        "SearchConnection!",
        "Records whose code, name or address holds every word, best first (检索). "
        "The text is data, never query syntax; traditional and full-width forms find too.",
        {
            "text": Argument("String!", "Words, at most 200 characters."),
            "types": Argument("[RecordType!]", "Only these types.", None),
            "within": WITHIN,
            "first": Argument("Int", "Page size.", None),
            "after": Argument("Cursor", "Continue after this cursor.", None),
        },
    ),
    statistics=Extra(
        "[Statistic!]!",
        "Counts of live records, largest group first (统计).",
        {
            "of": Argument("RecordType!", "What to count."),
            "by": Argument("[StatisticsBy!]!", "What to count by; empty for one total."),
            "within": WITHIN,
        },
    ),
)
