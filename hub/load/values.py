"""From columns of text to columns of values, a column at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from hub.load.mapping import Rule
from resolvers.catalog import Field, ValueType
from resolvers.validation import INT_RANGE, MAX_TEXT


class Fault(str):
    """Stands where a value should be, and says why it cannot."""

    __slots__ = ()


Converter = Callable[[Sequence[str]], list[Any]]
"""From cells (stripped, "" for none) to values: None for none, a Fault for what does not fit."""

_TRUE = {"true": True, "1": True, "yes": True, "y": True, "t": True, "是": True}
_FALSE = {"false": False, "0": False, "no": False, "n": False, "f": False, "否": False}
_BOOLS = {**_TRUE, **_FALSE}
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def converter(field: Field, rule: Rule) -> Converter:
    """What turns cells into values of a field, by the field's type and the rule's value map."""
    if field.choices is not None:
        return _choice(field.choices.values, rule)
    if field.type is ValueType.TEXTS:
        return lambda cells: [cell.split(rule.separator) if cell else None for cell in cells]
    parsers: dict[ValueType, Callable[[str], Any]] = {
        ValueType.TEXT: _text,
        ValueType.INT: _int,
        ValueType.FLOAT: _float,
        ValueType.BOOL: _bool,
        ValueType.DATE: _iso_date if rule.date is None else _other_date(rule.date),
        ValueType.INSTANT: _instant,
    }
    parse = parsers[field.type]
    if field.type is ValueType.TEXT and rule.values is None:
        return texts
    if field.type is ValueType.FLOAT and rule.values is None:
        return _floats
    return _each(parse, rule)


def texts(cells: Sequence[str]) -> list[Any]:
    """Texts as they are, empty ones as None."""
    if max(map(len, cells), default=0) > MAX_TEXT:
        return [_text(cell) if cell else None for cell in cells]
    return [cell or None for cell in cells]


def _choice(known: Mapping[str, str], rule: Rule) -> Converter:
    table: dict[str, Any] = {name: name for name in known}
    table[""] = None
    for value, meaning in (rule.values or {}).items():
        table[value] = meaning
    wrong = {meaning for meaning in table.values() if meaning is not None} - set(known)
    default = rule.default
    if wrong or (default is not None and default not in known):
        raise ValueError(f"not of the code list: {', '.join(sorted(wrong) or [str(default)])}")
    fault = default if default is not None else Fault(f"expected one of {', '.join(known)}")
    return lambda cells: [table.get(cell, fault) for cell in cells]


def _each(parse: Callable[[str], Any], rule: Rule) -> Converter:
    """Value by value, each distinct one parsed once per batch."""
    given = rule.values or {}

    def one(cell: str) -> Any:
        if cell in given:
            return given[cell]
        if given and rule.default is not None:
            return rule.default
        return parse(cell) if cell else None

    def convert(cells: Sequence[str]) -> list[Any]:
        known = {cell: one(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]

    return convert


def _text(cell: str) -> Any:
    if len(cell) > MAX_TEXT:
        return Fault(f"longer than {MAX_TEXT} characters")
    return cell


def _int(cell: str) -> Any:
    if not _INT.fullmatch(cell):
        return Fault("expected a whole number")
    value = int(cell)
    inside = -INT_RANGE <= value < INT_RANGE
    return value if inside else Fault(f"outside {-INT_RANGE} to {INT_RANGE - 1}")


def _float(cell: str) -> Any:
    try:
        value = float(cell)
    except ValueError:
        return Fault("expected a number")
    return value if math.isfinite(value) else Fault("expected a finite number")


def _floats(cells: Sequence[str]) -> list[Any]:
    try:
        values: list[Any] = [float(cell) if cell else None for cell in cells]
    except ValueError:
        return [_float(cell) if cell else None for cell in cells]
    if not all(value is None or math.isfinite(value) for value in values):
        return [_float(cell) if cell else None for cell in cells]
    return values


def _bool(cell: str) -> Any:
    value = _BOOLS.get(cell.lower())
    return Fault("expected true or false") if value is None else value


def _iso_date(cell: str) -> Any:
    """`YYYY-MM-DD`, with a time after it left out."""
    day = cell[:10]
    try:
        if _ISO.fullmatch(day) and (len(cell) == 10 or cell[10] in "T "):
            date.fromisoformat(day)
            return day
    except ValueError:
        pass
    return Fault("expected a date like 2026-01-31")


def _other_date(form: str) -> Callable[[str], Any]:
    def parse(cell: str) -> Any:
        try:
            return datetime.strptime(cell, form).date().isoformat()
        except ValueError:
            return Fault(f"expected a date of the form {form}")

    return parse


def _instant(cell: str) -> Any:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return Fault("expected an instant like 2026-01-31T12:00:00+08:00")
    if moment.tzinfo is None:
        return Fault("an instant needs its offset from UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
