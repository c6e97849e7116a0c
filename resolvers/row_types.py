"""Types of which PostgreSQL keeps one row each, with the whole as a JSON document beside columns.

A row type speaks the catalogue's words: its fields are `Field`s, and it refers to records of the
graph by their codes. A field's key in the document is its name; its column is the snake_case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from resolvers.catalog import Field, snake


@dataclass(frozen=True)
class Reference:
    """A record of the graph that a row names by its code."""

    name: str
    target: str
    doc: str
    reverse: str | None = None
    """The connection that the target type gains."""

    @cached_property
    def column(self) -> str:
        return snake(self.name)


@dataclass(frozen=True)
class Part:
    """A part of the document that has no column: answered, but not filtered or ordered by."""

    name: str
    type: str
    """As SDL writes it; an object type's fields are the keys of the part."""
    doc: str


@dataclass(frozen=True, eq=False)
class RowType:
    """A type in PostgreSQL. Its key is the column `id`; `path` holds the divisions it lies in."""

    name: str
    plural: str
    domain: str
    table: str
    fields: tuple[Field, ...]
    references: tuple[Reference, ...]
    parts: tuple[Part, ...] = ()
    newest: str = "openedAt"
    """The field that lists are ordered by, newest first, where they name no order."""

    @cached_property
    def field_by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def reference_by_name(self) -> Mapping[str, Reference]:
        return {reference.name: reference for reference in self.references}

    @property
    def lookup(self) -> str:
        """The root field that finds one by its id."""
        return self.name[0].lower() + self.name[1:]

    @property
    def listing(self) -> str:
        """The root field that lists them."""
        return self.plural[0].lower() + self.plural[1:]
