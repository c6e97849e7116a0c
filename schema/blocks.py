"""How a domain states its part of the contract.

A domain declares its entities, and what it adds to the entities of other domains:

    DOMAIN = Domain("venues")

    @DOMAIN.entity
    class Venue:
        "A place of business or assembly (场所)."
        licences = connection("…")          # only where the edge belongs to this domain

    @DOMAIN.extend("Grid")
    class GridVenues:
        venues = connection("The venues in this grid.")

Scalars, edges, filters, orderings and inputs come from the catalogue (`resolvers.catalog`);
`schema.build` makes each type's class once per target from these blocks. A `connection` names the
reverse of a catalogue edge. Anything else in a block is an ordinary `Extra` field, answered by its
own resolver.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, TypeVar

Block = TypeVar("Block", bound=type)
Resolver = Callable[..., Awaitable[Any]]
Fields = dict[str, tuple[str, str]]
"""Field name → (type as SDL writes it, description)."""


@dataclass(frozen=True)
class Connection:
    """A field that lists the records at the other end of an edge."""

    doc: str


@dataclass(frozen=True)
class Argument:
    """An argument: its type as SDL writes it, and an SDL default where it has one."""

    type: str
    doc: str
    default: Any = ...


@dataclass(frozen=True)
class Extra:
    """A field with a resolver of its own: `async resolver(source, info, **arguments)`."""

    type: str
    doc: str
    arguments: dict[str, Argument] = field(default_factory=dict)
    resolver: Resolver | None = None


def connection(doc: str) -> Connection:
    """The records at the far end of a catalogue edge, as a Relay connection."""
    return Connection(doc)


@dataclass(frozen=True)
class EntityBlock:
    """What a domain says of one type: its own (`owner`) or, as an extension, another's."""

    type_name: str
    doc: str
    fields: dict[str, Connection | Extra]


@dataclass
class Domain:
    """One domain: its entities, its extensions of other domains', its root fields."""

    name: str
    entities: dict[str, EntityBlock] = field(default_factory=dict)
    extensions: list[EntityBlock] = field(default_factory=list)
    queries: dict[str, Extra] = field(default_factory=dict)
    mutations: dict[str, Extra] = field(default_factory=dict)
    subscriptions: dict[str, Extra] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    """Types of row (`resolvers.row_types`) by name, with their descriptions."""
    objects: dict[str, tuple[str, Fields]] = field(default_factory=dict)
    """Object types of its own: description and fields by name."""
    arguments: dict[tuple[str, str], dict[str, Argument]] = field(default_factory=dict)
    """Arguments of fields of its own object types, by (type, field)."""
    inputs: dict[str, tuple[str, Fields]] = field(default_factory=dict)
    enums: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    """Enums of its own: description, and the description of each value."""

    def entity(self, cls: Block) -> Block:
        """Declare a type of this domain; the docstring becomes its description."""
        if not cls.__doc__:
            raise ValueError(f"{self.name}: {cls.__name__} needs a docstring")
        self.entities[cls.__name__] = EntityBlock(cls.__name__, cleandoc(cls.__doc__), _parts(cls))
        return cls

    def row(self, cls: Block) -> Block:
        """Declare a type of row of this domain; the docstring becomes its description."""
        if not cls.__doc__:
            raise ValueError(f"{self.name}: {cls.__name__} needs a docstring")
        self.rows[cls.__name__] = cleandoc(cls.__doc__)
        return cls

    def extend(self, type_name: str) -> Callable[[Block], Block]:
        """Add fields to a type that belongs to another domain."""

        def register(cls: Block) -> Block:
            self.extensions.append(EntityBlock(type_name, cls.__doc__ or "", _parts(cls)))
            return cls

        return register


def _parts(cls: type) -> dict[str, Connection | Extra]:
    return {n: v for n, v in vars(cls).items() if isinstance(v, Connection | Extra)}
