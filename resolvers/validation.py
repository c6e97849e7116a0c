"""What may stand in a record: types, code lists, dates and shapes, as the catalogue says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from resolvers.catalog import Catalog, Edge, Entity, Field, ValueType
from resolvers.errors import BadInput, HubError
from resolvers.shapes import check_point, plain_shape

MAX_TEXT = 4000
MAX_LIST = 1000
INT_RANGE = 2**31
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DATE_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Check = Callable[[Any], Any]
"""Gives the value as the log keeps it; raises ValueError or HubError with what it must be."""


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError("must be text")
    if len(value) > MAX_TEXT:
        raise ValueError(f"may have at most {MAX_TEXT} characters, not {len(value)}")
    if not value.isprintable() and UNSTORABLE.search(value):
        raise ValueError("holds a character that is no text (NUL or half of a surrogate pair)")
    return value or None


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    if not -INT_RANGE <= value < INT_RANGE:
        raise ValueError(f"must lie between {-INT_RANGE} and {INT_RANGE - 1}")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number + 0.0  # no negative zero


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _date(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, str) and DATE_FORM.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            pass
        else:
            return value
    raise ValueError("must be a date YYYY-MM-DD of the calendar")


def _point(value: Any) -> list[float]:
    if isinstance(value, Mapping):
        value = (value.get("longitude"), value.get("latitude"))
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError("must be a longitude and a latitude")
    x, y = check_point(value[0], value[1])
    return [x + 0.0, y + 0.0]


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError("must be a list of texts")
    if len(value) > MAX_LIST:
        raise ValueError(f"may have at most {MAX_LIST} items, not {len(value)}")
    return [text for each in value if (text := _text(each)) is not None]


CHECKS: Mapping[ValueType, Check] = {
    ValueType.TEXT: _text,
    ValueType.INT: _int,
    ValueType.FLOAT: _float,
    ValueType.BOOL: _bool,
    ValueType.DATE: _date,
    ValueType.POINT: _point,
    ValueType.SHAPE: plain_shape,
    ValueType.TEXTS: _texts,
}


def check_of(field: Field) -> Check:
    """The check of a field, its code list included."""
    if field.choices is None:
        return _bounded(CHECKS[field.type], field.minimum, field.maximum)
    allowed = field.choices.values

    def choose(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return choose


def _bounded(check: Check, minimum: float | None, maximum: float | None) -> Check:
    if minimum is None and maximum is None:
        return check

    def bounded(value: Any) -> Any:
        number = check(value)
        if minimum is not None and number < minimum:
            raise ValueError(f"must be at least {minimum:g}")
        if maximum is not None and number > maximum:
            raise ValueError(f"must be at most {maximum:g}")
        return number

    return bounded


def _target(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError("must be the code of a record")
    return _text(value)


def _target_list(value: Any) -> list[str] | None:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list of codes")
    if len(value) > MAX_LIST:
        raise ValueError(f"may have at most {MAX_LIST} codes, not {len(value)}")
    return sorted({code for each in value if (code := _target(each)) is not None}) or None


class Rules:
    """What one type's records must be."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        fields = [f for f in entity.all_fields if f.writable and f.name != "code"]
        self._fields: dict[str, tuple[Check, Field]] = {f.prop: (check_of(f), f) for f in fields}
        self._edges: dict[str, tuple[Check, Edge]] = {
            e.prop: (_target_list if e.many else _target, e) for e in entity.edges
        }
        self._required_fields = tuple(f for f in fields if f.required)
        self._required_edges = tuple(e for e in entity.edges if e.required)

    def clean(
        self, fields: Mapping[str, Any], edges: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both maps with every value as the log keeps it; None stays None (to clear).

        Raises BadInput, CoordinatesInvalid or PolygonInvalid, whose details name `field` (as in
        GraphQL) and `value`.
        """
        return self._apply(self._fields, fields), self._apply(self._edges, edges)

    def complete(self, fields: Mapping[str, Any], edges: Mapping[str, Any]) -> None:
        """Refuse (BadInput) a record that lacks what its type requires."""
        for field in self._required_fields:
            if fields.get(field.prop) is None:
                raise self._missing(field.name)
        for edge in self._required_edges:
            if not edges.get(edge.prop):
                raise self._missing(edge.name)

    def _apply(
        self, known: Mapping[str, tuple[Check, Field | Edge]], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        cleaned = {}
        for prop, value in given.items():
            if prop not in known:
                raise BadInput(f"{self.entity.name} has no {prop!r} to write", field=prop)
            check, part = known[prop]
            if value is not None:
                try:
                    value = check(value)
                except ValueError as error:
                    name = f"{self.entity.name}.{part.name}"
                    raise BadInput(
                        f"{name} {error}, not {shown(value)}", field=part.name, value=shown(value)
                    ) from None
                except HubError as error:
                    error.message = f"{self.entity.name}.{part.name}: {error.message}"
                    error.details.setdefault("field", part.name)
                    raise
            cleaned[prop] = value
        return cleaned

    def _missing(self, name: str) -> BadInput:
        return BadInput(f"{self.entity.name}.{name} is required", field=name, value=None)


def shown(value: Any) -> str:
    """A value as an error shows it: short."""
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


@cache
def rules_of(catalog: Catalog) -> Mapping[str, Rules]:
    """The rules of every type, by name."""
    return {entity.name: Rules(entity) for entity in catalog}


def without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """A map as a document has it: what is null is absent."""
    return {key: value for key, value in values.items() if value is not None}
