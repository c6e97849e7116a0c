"""What the compiler makes of a subscription, as delivery sees it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol

from resolvers.operation import ParsedDocument
from resolvers.rights import Rights
from resolvers.subscription import Item, Match

__all__ = ["Item", "Match", "Subscribed", "Subscriber"]


class Subscribed(Protocol):
    """A subscription of one operation, its variables and rights."""

    source: str
    """The log it reads: `events` or `changes`."""
    group: Hashable
    """Equal for equal operation, variables (without `after`) and rights."""
    after: str | None
    """The cursor to go on from."""
    coalesce: bool
    terms: tuple[tuple[str, str], ...]
    """Alternatives: only a document that carries one of these (attribute, value), now or before,
    can match. Without any, each is tried."""

    def match(self, doc: dict[str, Any]) -> Match: ...

    async def evaluate(self, items: Sequence[Item]) -> list[bytes]:
        """The whole execution result of each item as JSON. Raises StoreUnavailable."""
        ...


class Subscriber(Protocol):
    """An executor that takes subscriptions."""

    def subscribe(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
    ) -> Subscribed:
        """Raises HubError for what is wrong with it."""
        ...
