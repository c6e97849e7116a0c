"""What the resolvers of one operation share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLResolveInfo

from resolvers.catalog import Catalog
from resolvers.cursors import CursorKey
from resolvers.reference.records import Records
from resolvers.rights import Rights

if TYPE_CHECKING:
    from resolvers.execute import Services
    from resolvers.levels import Statements
    from resolvers.plan import PageLimits

Info: TypeAlias = "GraphQLResolveInfo[Any]"


@dataclass
class RequestContext:
    """The context value of one operation."""

    catalog: Catalog
    services: Services
    rights: Rights
    cursor_key: CursorKey
    limits: PageLimits
    statements: Statements

    @cached_property
    def records(self) -> Records:
        """The graph's records."""
        return Records(self.services.graph, self.statements)

    def may_read(self, type_name: str, field: str = "code") -> None:
        """Refuse a type or field that the caller may not read (see `Rights.check_read`)."""
        self.rights.check_read([(type_name, field)])


def context_of(info: Info) -> RequestContext:
    """The operation's context."""
    context = info.context
    assert isinstance(context, RequestContext)
    return context


def unwrapped(value: Any) -> Any:
    """An argument with the names of enum members in place of the members."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: unwrapped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [unwrapped(each) for each in value]
    return value
