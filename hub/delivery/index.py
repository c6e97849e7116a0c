"""Which groups a document may be for, without trying each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Index(Generic[T]):
    """Groups by the (attribute, value) pairs of which a document must carry at least one.

    A document carries the values it has now and those that its `before` says it had; a list
    carries each of its values.
    """

    def __init__(self) -> None:
        self._always: dict[T, None] = {}
        self._by: dict[str, dict[str, dict[T, None]]] = {}

    def add(self, group: T, terms: Iterable[tuple[str, str]]) -> None:
        listed = tuple(terms)
        if not listed:
            self._always[group] = None
        for attribute, value in listed:
            self._by.setdefault(attribute, {}).setdefault(value, {})[group] = None

    def remove(self, group: T, terms: Iterable[tuple[str, str]]) -> None:
        self._always.pop(group, None)
        for attribute, value in terms:
            values = self._by.get(attribute, {})
            groups = values.get(value, {})
            groups.pop(group, None)
            if not groups:
                values.pop(value, None)
            if not values:
                self._by.pop(attribute, None)

    def candidates(self, doc: dict[str, Any]) -> Iterable[T]:
        """The groups to try, each once, in no particular order."""
        if not self._by:
            return self._always
        found = dict(self._always)
        nothing: dict[T, None] = {}
        before = doc.get("before")
        for attribute, values in self._by.items():
            for value in _values(doc.get(attribute)):
                found.update(values.get(value, nothing))
            if before and attribute in before:
                for value in _values(before[attribute]):
                    found.update(values.get(value, nothing))
        return found


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        yield from value
