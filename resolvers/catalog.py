"""The data model: which types there are, and which property or relationship a field stands for.

Everything that must know the model reads it here: GraphQL types, filters, orderings and inputs
(`schema.build`), statements (`resolvers.cypher`), validation of writes (`resolvers.changes`),
indexes, and the columns a load may map. A domain declares its part in `resolvers/<domain>.py`;
`resolvers.model.CATALOG` is the sum of all domains.

Conventions that spare configuration: the GraphQL field is camelCase, the Neo4j property and the
key in the change log are its snake_case; a node carries the labels `Record` and the type's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolvers.row_types import Reference, RowType


class ValueType(Enum):
    """What a field holds, and how the stores keep it."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    """Calendar date, stored as text `YYYY-MM-DD`, so that it sorts and compares as it reads."""
    INSTANT = "instant"
    """UTC instant, stored as text `YYYY-MM-DDTHH:MM:SS.ffffffZ` of fixed width."""
    POINT = "point"
    """WGS 84 longitude and latitude in degrees: `[x, y]` in the log, a point in Neo4j."""
    SHAPE = "shape"
    """GeoJSON Polygon or MultiPolygon in WGS 84; stored in Neo4j as text."""
    TEXTS = "texts"
    """A list of short texts."""


@dataclass(frozen=True, eq=False)
class Choices:
    """A closed code list: a GraphQL enum. `values` maps each name to its description."""

    name: str
    values: Mapping[str, str]
    doc: str


def snake(name: str) -> str:
    """The snake_case of a camelCase name."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


@cache
def camel(name: str) -> str:
    """The camelCase of a snake_case name."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


@dataclass(frozen=True)
class Field:
    """A scalar of a record."""

    name: str
    type: ValueType
    doc: str
    required: bool = False
    choices: Choices | None = None
    order: bool = False
    """Lists can be ordered by it."""
    index: bool = False
    """A composite index (property, code) serves equality and ordering."""
    search: bool = False
    """Its text is found by `search`."""
    dimension: bool = False
    """`statistics` can count by it."""
    writable: bool = True
    """False for what the hub itself fills in."""
    minimum: float | None = None
    """The least value that may be written."""
    maximum: float | None = None
    """The greatest value that may be written."""

    @cached_property
    def prop(self) -> str:
        return snake(self.name)


@dataclass(frozen=True)
class Edge:
    """A reference from one record to another, a relationship in Neo4j.

    `reverse` names the connection that the target type gains: in the GraphQL schema it is
    declared by the `extend` block of the domain that owns the edge.
    """

    name: str
    relationship: str
    target: str
    doc: str
    reverse: str | None = None
    required: bool = False
    many: bool = False
    placed: bool = False
    """Filled in from the record's location when the writer does not give it."""
    dimension: bool = False
    """`statistics` can count by it."""

    @cached_property
    def prop(self) -> str:
        return snake(self.name)


@dataclass(frozen=True)
class Chain:
    """A field that follows several to-one edges in a row (a licence's grid is its venue's)."""

    name: str
    via: tuple[str, ...]
    target: str
    doc: str
    reverse: str | None = None


@dataclass(frozen=True, eq=False)
class Entity:
    """A type of record. Its natural key is always the property `code`."""

    name: str
    plural: str
    domain: str
    code: str
    """The code scheme (see `resolvers.codes`) that holds where a district names no other."""
    code_doc: str
    fields: tuple[Field, ...] = ()
    edges: tuple[Edge, ...] = ()
    chains: tuple[Chain, ...] = ()
    public: bool = False
    """Readable without sign-in."""
    level: int | None = None
    """For divisions: 0 province, 1 city, 2 district, 3 subdistrict, 4 community, 5 grid."""

    @property
    def lookup(self) -> str:
        """The root field that finds one by its code."""
        return self.name[0].lower() + self.name[1:]

    @property
    def listing(self) -> str:
        """The root field that lists them."""
        return self.plural[0].lower() + self.plural[1:]

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """Own fields after those that every record has."""
        return (*COMMON_FIELDS, *self.fields)

    @cached_property
    def field_by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.all_fields}

    @cached_property
    def edge_by_name(self) -> Mapping[str, Edge]:
        return {edge.name: edge for edge in self.edges}

    @cached_property
    def links(self) -> tuple[Edge | Chain, ...]:
        """Everything that leads to another record: edges, then chains of them."""
        return (*self.edges, *self.chains)

    @property
    def located(self) -> bool:
        """Whether a location places it in a grid."""
        return any(edge.placed for edge in self.edges)


COMMON_FIELDS: tuple[Field, ...] = (
    Field(
        "code", ValueType.TEXT, "The natural key (编码).", required=True, order=True, search=True
    ),
    Field(
        "name",
        ValueType.TEXT,
        "Name as its source gives it (名称).",
        required=True,
        order=True,
        index=True,
        search=True,
    ),
    Field(
        "source",
        ValueType.TEXT,
        "Where the record comes from; `generated` marks made-up data.",
        required=True,
        index=True,
        writable=False,
    ),
    Field(
        "flags",
        ValueType.TEXTS,
        "What the hub noticed on writing, e.g. NEAREST_GRID or ISSUER_6_DIGITS.",
        required=True,
        writable=False,
    ),
    Field(
        "version",
        ValueType.INT,
        "Counts the record's changes, from 1.",
        required=True,
        writable=False,
    ),
    Field(
        "recordedAt",
        ValueType.INSTANT,
        "When the change log took this version.",
        required=True,
        order=True,
        writable=False,
    ),
    Field(
        "retiredAt",
        ValueType.INSTANT,
        "When the record was retired; null while it is live.",
        writable=False,
    ),
)


@dataclass(frozen=True)
class Reverse:
    """A connection on `target` over the edges that point at it (`edge` is an Edge or Chain)."""

    source: Entity
    edge: Edge | Chain

    @property
    def name(self) -> str:
        assert self.edge.reverse is not None
        return self.edge.reverse


@dataclass(frozen=True)
class RowReverse:
    """A connection over the rows that refer to a record."""

    source: RowType
    reference: Reference


class Catalog:
    """All entities by name, checked for sense when made.

    Raises ValueError for an edge to an unknown type or a field name used twice.
    """

    def __init__(self, entities: Iterable[Entity], rows: Iterable[RowType] = ()) -> None:
        self.entities: dict[str, Entity] = {}
        self.rows: dict[str, RowType] = {row.name: row for row in rows}
        for entity in entities:
            if entity.name in self.entities:
                raise ValueError(f"type {entity.name} is declared twice")
            self.entities[entity.name] = entity
        self.reverses: dict[str, dict[str, Reverse]] = {name: {} for name in self.entities}
        for entity in self:
            for edge in entity.links:
                if edge.target not in self.entities:
                    raise ValueError(f"{entity.name}.{edge.name} leads to unknown {edge.target}")
                if edge.reverse is not None:
                    self._add_reverse(entity, edge, edge.reverse)
        self.row_reverses: dict[str, dict[str, RowReverse]] = {name: {} for name in self.entities}
        for row in self.rows.values():
            for reference in row.references:
                if reference.reverse is not None:
                    there = self.row_reverses[reference.target]
                    there[reference.reverse] = RowReverse(row, reference)
        for entity in self:
            names = [x.name for x in (*entity.all_fields, *entity.links)]
            names += [*self.reverses[entity.name], *self.row_reverses[entity.name]]
            if len(names) != len(set(names)):
                raise ValueError(f"{entity.name} names a field twice")

    def _add_reverse(self, source: Entity, edge: Edge | Chain, name: str) -> None:
        there = self.reverses[edge.target]
        if name in there:
            raise ValueError(f"{edge.target}.{name} is the reverse of two edges")
        there[name] = Reverse(source, edge)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.entities.values())

    def __getitem__(self, name: str) -> Entity:
        return self.entities[name]

    def __contains__(self, name: object) -> bool:
        return name in self.entities

    @cached_property
    def divisions(self) -> tuple[Entity, ...]:
        """The types that contain others, from the province down to the grid."""
        found = [entity for entity in self if entity.level is not None]
        return tuple(sorted(found, key=lambda entity: entity.level or 0))

    @cached_property
    def choices(self) -> Mapping[str, Choices]:
        """Every code list in use, by name."""
        return {
            field.choices.name: field.choices
            for entity in self
            for field in entity.all_fields
            if field.choices is not None
        }

    @cached_property
    def row_choices(self) -> Mapping[str, Choices]:
        """Every code list that rows use, by name."""
        return {
            field.choices.name: field.choices
            for row in self.rows.values()
            for field in row.fields
            if field.choices is not None
        }

    def steps(self, source: Entity, edge: Edge | Chain) -> tuple[tuple[str, str], ...]:
        """The (relationship, target type) pairs from the source to the target of an edge."""
        if isinstance(edge, Edge):
            return ((edge.relationship, edge.target),)
        steps: list[tuple[str, str]] = []
        here = source
        for name in edge.via:
            step = here.edge_by_name[name]
            steps.append((step.relationship, step.target))
            here = self[step.target]
        return tuple(steps)

    def chain_up(self, entity: Entity) -> tuple[Edge, ...]:
        """The containment edges from a division up to the topmost one."""
        edges: list[Edge] = []
        here = entity
        while True:
            up = next((e for e in here.edges if e.relationship == "IN"), None)
            if up is None:
                return tuple(edges)
            edges.append(up)
            here = self[up.target]
