"""Departments that own, issue and share (部门)."""

from resolvers.catalog import Choices, Edge, Entity, Field, ValueType

DEPARTMENT_KIND = Choices(
    "DepartmentKind",
    {
        "GRID_CENTRE": "Grid work centre (网格化服务中心).",
        "CITY_MANAGEMENT": "City management (城市管理局).",
        "MARKET_REGULATION": "Market regulation (市场监督管理局).",
        "ADMINISTRATIVE_APPROVAL": "Administrative approval (行政审批服务局).",
        "EMERGENCY_MANAGEMENT": "Emergency management (应急管理局).",
        "PUBLIC_SECURITY": "Public security (公安分局).",
        "HOUSING": "Housing and construction (住房和城乡建设局).",
        "BIG_DATA": "Big-data bureau (大数据局).",
        "SUBDISTRICT_OFFICE": "Subdistrict office (街道办事处).",
        "OTHER": "Any other department (其他部门).",
    },
    "Which kind of department.",
)

DEPARTMENT = Entity(
    "Department",
    "Departments",
    "departments",
    "own",
    "Own code, unique; the department's USCC where it is known.",
    fields=(
        Field(
            "kind",
            ValueType.TEXT,
            "Which kind of department (部门类型).",
            required=True,
            choices=DEPARTMENT_KIND,
            order=True,
            index=True,
            dimension=True,
        ),
    ),
    edges=(
        Edge(
            "subdistrict",
            "SERVES",
            "Subdistrict",
            "The subdistrict it serves, for subdistrict offices (所辖街道).",
            reverse="departments",
        ),
    ),
)

ENTITIES = (DEPARTMENT,)
