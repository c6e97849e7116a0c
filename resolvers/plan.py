"""Plans: what an operation needs from the stores, compiled once per document and shape.

A plan is a pure value. Its statement returns one record with one list, one item per root field;
its function turns that list into the answer; `later` are the steps
of further levels, one statement per store for all records and rows of a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode

from resolvers.assemble import Run, Source
from resolvers.catalog import Catalog
from resolvers.errors import PageSizeInvalid, TooComplex
from resolvers.filter_size import FilterSize
from resolvers.filters import FilterWriter
from resolvers.params import Binding, Param, Params
from resolvers.selection import Collector, Selected, Template
from resolvers.sql import PLACEHOLDER, SqlFilterWriter, positional


@dataclass(frozen=True)
class PageLimits:
    """Bounds on what one operation may ask for."""

    default_page: int = 50
    max_page: int = 1_000
    max_nodes: int = 100_000
    max_representations: int = 20_000


@dataclass(frozen=True)
class Later:
    """What a further level asks: one expression of that level's statement in its store.

    Its keys, those of the level's records or rows, are the parameter `$k` with the step's number;
    it gives a list that `function` turns into a mapping from key to what stands there.
    """

    store: str
    """`neo4j` or `postgres`."""
    expression: str
    function: str
    """The name of the generated function."""


@dataclass(frozen=True)
class Answered:
    """A root field, the store that answers it, and whether it may be null."""

    key: str
    store: str
    nullable: bool


@dataclass(frozen=True)
class Followed:
    """What a subscription follows, and the parameters with its filter and cursor."""

    source: str
    """`events` or `changes`."""
    filter: str | None
    after: str | None
    coalesce: bool


@dataclass(frozen=True)
class Written:
    """An expression of the statement, and the function that reads its value."""

    expression: str
    function: str


@dataclass(frozen=True)
class Page:
    """A connection, for the bound on nodes: its limit's parameter, and the pages inside it."""

    limit: str
    inside: tuple[Page, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One operation's plan."""

    statement: str
    """Empty where the operation asks Neo4j nothing."""
    rows: str
    """The SQL statement; empty where the operation asks PostgreSQL nothing at its top."""
    params: tuple[Param, ...]
    source: str
    """The generated functions, as text."""
    build: Callable[[Any, Run], dict[str, Any]]
    """The generated function that makes the answer's `data`."""
    later: tuple[Later, ...]
    touched: frozenset[tuple[str, str]]
    """Every (type, field) that the operation reads, filters or orders by."""
    pages: tuple[Page, ...]
    fills: tuple[Callable[[Any, Run], dict[Any, Any]], ...]
    """For each later step, its function."""
    roots: tuple[Answered, ...]
    """The root fields that stores answer."""
    apart: tuple[FieldNode, ...] = ()
    """Root fields that graphql-core answers apart from the rest: introspection, and what is no read
    of the graph or of rows."""
    blank: Mapping[str, Any] = field(default_factory=dict)
    """The answer's root keys in order while no store answers: null, or what is known anyway."""
    followed: Followed | None = None
    """What a subscription follows."""

    @cached_property
    def sql(self) -> tuple[str, tuple[str, ...]]:
        """The SQL statement with its parameters' names by position."""
        return positional(self.rows)

    @cached_property
    def _carried(self) -> frozenset[str]:
        return frozenset(match[1] for match in PLACEHOLDER.finditer(self.statement))

    def sent(self, values: dict[str, Any]) -> dict[str, Any]:
        """The bound values that travel with the Cypher statement."""
        carried = self._carried
        return {k: v for k, v in values.items() if k in carried}

    def bind(self, binding: Binding, limits: PageLimits) -> dict[str, Any]:
        """The statement's parameters for one request.

        Raises AccessError before any value is looked at, InputError for a bad value, and
        TooComplex for more nodes than one operation may ask for.
        """
        binding.rights.check_read(sorted(self.touched))
        values = {param.name: param.bind(binding) for param in self.params}
        asked = _nodes(self.pages, values)
        if asked > limits.max_nodes:
            raise TooComplex(
                f"the operation may answer with {asked:,} records, at most {limits.max_nodes:,}: "
                "ask for smaller pages",
                limit=limits.max_nodes,
            )
        return values


def _nodes(pages: Iterable[Page], values: Mapping[str, Any]) -> int:
    return sum(_size(values[p.limit]) * (1 + _nodes(p.inside, values)) for p in pages)


def _size(limit: Any) -> int:
    """A page's limit, or the length of the list that a page is asked by."""
    return len(limit) if isinstance(limit, list) else int(limit)


class Writer:
    """What the parts of the compiler share while one plan is made."""

    def __init__(self, catalog: Catalog, collector: Collector, limits: PageLimits) -> None:
        self.catalog = catalog
        self.collector = collector
        self.limits = limits
        self.params = Params()
        self.source = Source()
        self.touched: set[tuple[str, str]] = set()
        self.later: list[Later | None] = []
        self.pages: list[Page] = []
        self._variables = 0
        size = FilterSize()
        self.filters = FilterWriter(catalog, self.params, self.touched, self.fresh, size)
        self.rows = SqlFilterWriter(self.params, self.touched, size)

    def step(self) -> int:
        """The place of a later step that is about to be written."""
        self.later.append(None)
        return len(self.later) - 1

    def fresh(self, prefix: str = "n") -> str:
        """A variable name for the statement, not used before."""
        self._variables += 1
        return f"{prefix}{self._variables - 1}"

    def limit(self, selected: Selected) -> tuple[str, bool]:
        """The page size plus one as a parameter reference, and whether the page runs backward.

        Raises PageSizeInvalid for `first` and `last` together; their bounds are checked when
        they are bound.
        """
        first, last = selected.args.get("first"), selected.args.get("last")
        if first is not None and last is not None:
            told = f"{selected.name}: give first or last, not both"
            raise PageSizeInvalid(told, path=list(selected.path))
        size: Template = first if first is not None else last
        if size is None:
            size = self.limits.default_page
        return self.params.add(size, page_size(self.limits.max_page)), last is not None


_PAGE_SIZES: dict[int, Callable[[Any, Binding], int]] = {}


def page_size(maximum: int) -> Callable[[Any, Binding], int]:
    """The conversion from `first` or `last` to a LIMIT that shows whether more follow."""

    def limit(value: Any, _: Binding) -> int:
        if not 0 <= value <= maximum:
            raise PageSizeInvalid(
                f"a page holds 0 to {maximum} records, not {value}", limit=maximum
            )
        return int(value) + 1

    return _PAGE_SIZES.setdefault(maximum, limit)
