"""Orders and pages in plain Python: the whole list is sorted, then a slice is cut out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, Generic, TypeVar

from resolvers.catalog import Entity
from resolvers.cursors import CursorKey
from resolvers.errors import PageSizeInvalid
from resolvers.plan import PageLimits

Item = TypeVar("Item")


@dataclass(frozen=True)
class Key(Generic[Item]):
    """One key of an order."""

    name: str
    """As cursors write it; descending keys begin with `-`."""
    value: Callable[[Item], Any]

    @property
    def descending(self) -> bool:
        return self.name.startswith("-")


@dataclass(frozen=True)
class Entry(Generic[Item]):
    """One item of a page, with its cursor."""

    node: Item
    cursor: str


@dataclass
class Page(Generic[Item]):
    """A slice of a list, and how it stands in it."""

    edges: list[Entry[Item]]
    total: int
    has_next: bool
    has_previous: bool
    nodes: list[Item] = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = [entry.node for entry in self.edges]

    @property
    def start(self) -> str | None:
        return self.edges[0].cursor if self.edges else None

    @property
    def end(self) -> str | None:
        return self.edges[-1].cursor if self.edges else None


def order_keys(entity: Entity, asked: Sequence[Mapping[str, str]] | None) -> list[Key[Any]]:
    """The keys of an order: as asked, the first word on each property counting, to the code."""
    found: dict[str, Key[Any]] = {}
    for name, direction in (pair for each in asked or () for pair in each.items()):
        prop = entity.field_by_name[name].prop
        sign = "-" if direction == "DESC" else ""
        found.setdefault(prop, Key(sign + prop, methodcaller("get", prop)))
        if prop == "code":
            break
    found.setdefault("code", Key("code", methodcaller("get", "code")))
    return list(found.values())


class Pager:
    """Cuts pages out of lists."""

    def __init__(self, cursors: CursorKey, limits: PageLimits) -> None:
        self._cursors = cursors
        self._limits = limits

    def page(
        self, items: Sequence[Item], name: str, keys: Sequence[Key[Item]], args: Mapping[str, Any]
    ) -> Page[Item]:
        """The page that `first`, `after`, `last` and `before` ask for.

        `name` is what cursors call the list and its order. Raises PageSizeInvalid and
        CursorInvalid.
        """
        size, backward = self._size(args)
        ordered = list(items)
        for key in reversed(keys):
            ordered.sort(key=_sort_by(key), reverse=key.descending)
        places = [[key.value(item) for key in keys] for item in ordered]
        low, high = 0, len(ordered)
        if args.get("after") is not None:
            at = self._cursors.read(args["after"], name, len(keys))
            low = sum(_order(place, at, keys) <= 0 for place in places)
        if args.get("before") is not None:
            at = self._cursors.read(args["before"], name, len(keys))
            high = sum(_order(place, at, keys) < 0 for place in places)
        start, end = low, max(low, high)
        more = end - start > size
        if more:
            start, end = (end - size, end) if backward else (start, start + size)
        entries = [
            Entry(ordered[i], self._cursors.sign([name, *places[i]])) for i in range(start, end)
        ]
        return Page(
            entries,
            len(ordered),
            has_next=high < len(ordered) or (more and not backward),
            has_previous=low > 0 or (more and backward),
        )

    def _size(self, args: Mapping[str, Any]) -> tuple[int, bool]:
        first, last = args.get("first"), args.get("last")
        if first is not None and last is not None:
            raise PageSizeInvalid("give first or last, not both")
        size = last if last is not None else first
        if size is None:
            size = self._limits.default_page
        if not 0 <= size <= self._limits.max_page:
            raise PageSizeInvalid(
                f"a page holds 0 to {self._limits.max_page} records, not {size}",
                limit=self._limits.max_page,
            )
        return size, last is not None


def _sort_by(key: Key[Item]) -> Callable[[Item], Any]:
    return lambda item: _sortable(key.value(item))


def _sortable(value: Any) -> tuple[bool, Any]:
    """What sorts like the value, nulls above all."""
    return value is None, value


def _order(place: Sequence[Any], other: Sequence[Any], keys: Sequence[Key[Any]]) -> int:
    """Negative where a place comes before another, 0 where it is the same."""
    for mine, theirs, key in zip(place, other, keys, strict=True):
        if mine == theirs:
            continue
        less = _sortable(mine) < _sortable(theirs)
        return -1 if less != key.descending else 1
    return 0
