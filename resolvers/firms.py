"""Firms and their registration (市场主体)."""

from resolvers.catalog import Choices, Entity, Field, ValueType
from resolvers.places import ADDRESS, LOCATION, in_grid

FIRM_STATUS = Choices(
    "FirmStatus",
    {
        "ACTIVE": "Registered and in business (存续).",
        "SUSPENDED": "Business suspended (歇业).",
        "REVOKED": "Business licence revoked (吊销).",
        "DEREGISTERED": "Struck off the register (注销).",
    },
    "State of a firm's registration.",
)

FIRM = Entity(
    "Firm",
    "Firms",
    "firms",
    "uscc",
    "Unified Social Credit Code, 18 characters, GB 32100-2015 (统一社会信用代码).",
    fields=(
        Field(
            "status",
            ValueType.TEXT,
            "State of its registration (登记状态).",
            choices=FIRM_STATUS,
            order=True,
            index=True,
            dimension=True,
        ),
        Field(
            "industry",
            ValueType.TEXT,
            "Industry: letter and 4 digits of the class, GB/T 4754-2017 (行业小类).",
            order=True,
            index=True,
            dimension=True,
        ),
        ADDRESS,
        LOCATION,
        Field("establishedOn", ValueType.DATE, "Date of establishment (成立日期).", order=True),
        Field(
            "registeredCapital",
            ValueType.FLOAT,
            "Registered capital in units of 10,000 CNY (注册资本,万元).",
            order=True,
            minimum=0,
        ),
    ),
    edges=(in_grid("firms"),),
)

ENTITIES = (FIRM,)
