"""The directory: root fields that cross the domains."""

from schema.blocks import Argument, Domain, Extra

DOMAIN = Domain("directory")

WITHIN = Argument("[String!]", "Codes of divisions, of any level; what lies in any of them.", None)

DOMAIN.objects.update(
    GraphChange=(
        "One change of one record of the graph (变更).",
        {
            "position": ("LogPosition!", "Its place in the change log."),
            "type": ("RecordType!", "The record's type."),
            "code": ("String!", "The record's code."),
            "version": ("Int!", "The version it made."),
            "operation": ("ChangeOperation!", "What was done."),
            "recordedAt": ("DateTime!", "When the log took it."),
            "actor": ("String!", "Who did it."),
            "source": ("String", "Where the data came from."),
            "reason": ("String", "Why, in the actor's words."),
            "after": ("JSON!", "Fields and edges after."),
        },
    ),
    GraphChangeDelivery=(
        "One message of a subscription to changes of the graph.",
        {
            "cursor": ("Cursor!", "Give it as `after` to go on behind this message."),
            "change": ("GraphChange", "The change; null in a heartbeat."),
        },
    ),
)

DOMAIN.inputs.update(
    GraphChangeFilter=(
        "Which changes of the graph; all that is given must hold.",
        {
            "types": ("[RecordType!]", "Of records of these types."),
            "codes": ("[String!]", "Of records with these codes."),
            "operations": ("[ChangeOperation!]", "Of these kinds."),
        },
    ),
)

DOMAIN.subscriptions.update(
    graphChanges=Extra(
        "GraphChangeDelivery!",
        "Every change of the graph that matches, in the order of the change log, never missed and "
        "never twice (变更订阅).",
        {
            "filter": Argument("GraphChangeFilter", "Which ones.", None),
            "after": Argument("Cursor", "Go on behind this message; left out: from now on.", None),
        },
    ),
)

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
