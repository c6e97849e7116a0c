"""The parameters of a plan: where each value comes from, and how it is checked when bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from resolvers.cursors import CursorKey
from resolvers.errors import HubError
from resolvers.placement import Placement
from resolvers.rights import Rights
from resolvers.selection import Template, Var


@dataclass(frozen=True)
class Binding:
    """What one request brings to a plan. Pure: binding asks no store."""

    variables: Mapping[str, Any]
    rights: Rights
    cursor_key: CursorKey
    placement: Placement | None
    """The grids' shapes; None until they were read for the first time."""
    zone: str = "UTC"
    """The district's time zone, by its IANA name."""


Convert = Callable[[Any, Binding], Any]
"""Checks and converts a value; raises InputError."""


@dataclass(frozen=True)
class Param:
    """One parameter of a statement."""

    name: str
    source: Template
    convert: Convert | None = None
    path: tuple[str, ...] = ()
    """The response path of the field whose argument it is, without list indexes."""

    def bind(self, binding: Binding) -> Any:
        value = _bound(self.source, binding.variables)
        if self.convert is None:
            return value
        try:
            return self.convert(value, binding)
        except HubError as error:
            if error.path is None and self.path:
                error.path = list(self.path)
            raise


def _bound(source: Template, variables: Mapping[str, Any]) -> Any:
    if isinstance(source, Var):
        return source.of(variables)
    if isinstance(source, list):
        return [_bound(each, variables) for each in source]
    if isinstance(source, dict):
        return {key: _bound(each, variables) for key, each in source.items()}
    return source


class Params:
    """Collects a plan's parameters; the same source and conversion share one."""

    def __init__(self) -> None:
        self._params: list[Param] = []
        self.path: tuple[str, ...] = ()
        """The path of the field that is being written."""

    def add(self, source: Template, convert: Convert | None = None) -> str:
        """A reference to the parameter, as the statement writes it: `$p0`."""
        for param in self._params:
            same_type = type(param.source) is type(source)
            if same_type and param.source == source and param.convert is convert:
                return f"${param.name}"
        param = Param(f"p{len(self._params)}", source, convert, self.path)
        self._params.append(param)
        return f"${param.name}"

    def __iter__(self) -> Iterator[Param]:
        return iter(self._params)
