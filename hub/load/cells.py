"""The columns of a chunk, taken apart and cleaned once each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hub.load.errors import LoadError
from hub.load.mapping import Rule
from hub.load.rows import Chunk
from hub.load.template import Template

Cells = list[str]


class Columns:
    """The columns of one chunk by name: stripped, with "" where there is no value."""

    def __init__(self, chunk: Chunk, header: Sequence[str], missing: frozenset[str]) -> None:
        self._raw = list(zip(*chunk.cells, strict=True)) if chunk.cells else [()] * len(header)
        self._at = {name: i for i, name in enumerate(header)}
        self._missing = missing
        self._clean: dict[str, Cells] = {}
        self.count = len(chunk)

    def __getitem__(self, name: str) -> Cells:
        found = self._clean.get(name)
        if found is None:
            found = [cell.strip() for cell in self._raw[self._at[name]]]
            if self._missing:
                found = ["" if cell in self._missing else cell for cell in found]
            self._clean[name] = found
        return found


Source = Callable[[Columns], Cells]
"""Gives a rule's cells for a chunk."""


def source_of(rule: Rule, header: Sequence[str], where: str, name: str) -> Source:
    """Where a rule's cells come from. Raises LoadError if the header lacks a column it names.

    `where` is the file's name and `name` the field's, for the message.
    """
    if rule.constant is not None:
        text = str(rule.constant).lower() if isinstance(rule.constant, bool) else str(rule.constant)
        return lambda columns: [text] * columns.count
    if rule.template is not None:
        try:
            template = Template(rule.template)
        except ValueError as error:
            raise LoadError(f"The template of {name} for {where}: {error}.") from error
        need(template.columns, header, where, name)
        return lambda columns: template.fill([columns[each] for each in template.columns])
    column = rule.column
    if column is None:
        raise LoadError(f"The mapping of {name} for {where} needs a column.")
    need([column], header, where, name)
    missing = frozenset(rule.missing)
    if not missing:
        return lambda columns: columns[column]
    return lambda columns: ["" if cell in missing else cell for cell in columns[column]]


def need(columns: Sequence[str], header: Sequence[str], where: str, name: str) -> None:
    """Raise LoadError unless the header has each of the columns, and once."""
    for column in columns:
        count = list(header).count(column)
        if count != 1:
            found = "no column" if count == 0 else f"{count} columns"
            raise LoadError(
                f"{where} has {found} {column!r}, which {name} is mapped to; "
                f"it has {', '.join(header)}.",
                "Correct the mapping, or the delimiter it states.",
            )
