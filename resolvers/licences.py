"""Licences and their kinds (证照)."""

from resolvers.catalog import Chain, Choices, Edge, Entity, Field, ValueType

LICENCE_STATUS = Choices(
    "LicenceStatus",
    {
        "VALID": "In force (有效).",
        "EXPIRING": "In force, to expire soon (即将到期).",
        "EXPIRED": "Past its expiry date (过期).",
        "SUSPENDED": "Suspended by its issuer (暂扣).",
        "REVOKED": "Revoked by its issuer (吊销).",
        "REPLACED": "Replaced by a newer one (已换证).",
    },
    "State of a licence as its issuer recorded it.",
)

HOLDER_KIND = Choices(
    "HolderKind",
    {"FIRM": "A firm (法人).", "PERSON": "A natural person (自然人)."},
    "Who holds a licence.",
)

LICENCE_KIND = Entity(
    "LicenceKind",
    "LicenceKinds",
    "licences",
    "own",
    "Own code, two digits for the 33 kinds issued in the district.",
    fields=(
        Field(
            "electronic",
            ValueType.BOOL,
            "Whether it is issued as an electronic licence (是否电子证照).",
            dimension=True,
        ),
        Field(
            "validityMonths",
            ValueType.INT,
            "Usual validity in months (有效期,月).",
            order=True,
            minimum=0,
        ),
    ),
    edges=(
        Edge(
            "issuer",
            "ISSUED_BY",
            "Department",
            "The department that issues this kind (发证部门).",
            reverse="licenceKinds",
        ),
    ),
)

LICENCE = Entity(
    "Licence",
    "Licences",
    "licences",
    "gbt36904",
    "Electronic licence identifier, GB/T 36904 (电子证照标识).",
    fields=(
        Field(
            "status",
            ValueType.TEXT,
            "State as its issuer recorded it (状态).",
            required=True,
            choices=LICENCE_STATUS,
            order=True,
            index=True,
            dimension=True,
        ),
        Field(
            "number", ValueType.TEXT, "Number printed on it (证照编号).", index=True, search=True
        ),
        Field("issuedOn", ValueType.DATE, "Date of issue (发证日期).", order=True),
        Field(
            "expiresOn",
            ValueType.DATE,
            "Last day of validity; null if it does not expire (有效期至).",
            order=True,
            index=True,
        ),
        Field(
            "holderKind",
            ValueType.TEXT,
            "Who holds it (持证主体类型).",
            choices=HOLDER_KIND,
            dimension=True,
        ),
        Field(
            "holderNumber",
            ValueType.TEXT,
            "A number, never a name, for a holder who is a natural person (持证人编号).",
        ),
    ),
    edges=(
        Edge(
            "kind",
            "OF_KIND",
            "LicenceKind",
            "Which of the 33 kinds (证照类型).",
            reverse="licences",
            required=True,
            dimension=True,
        ),
        Edge("holder", "HELD_BY", "Firm", "The firm that holds it (持证主体).", reverse="licences"),
        Edge(
            "issuer",
            "ISSUED_BY",
            "Department",
            "The department that issued it (发证部门).",
            reverse="licences",
        ),
        Edge("venue", "COVERS", "Venue", "The venue it covers (适用场所).", reverse="licences"),
    ),
    chains=(
        Chain(
            "grid",
            ("venue", "grid"),
            "Grid",
            "The grid of the venue it covers (所在网格).",
            reverse="licences",
        ),
    ),
)

ENTITIES = (LICENCE_KIND, LICENCE)
