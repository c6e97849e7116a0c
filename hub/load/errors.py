"""What stops a load, and why a row does not make it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hub.errors import HubError


class LoadError(HubError):
    """A file, folder or mapping that cannot be used at all."""


class RejectCode(StrEnum):
    """Why a row was rejected."""

    BROKEN_ROW = "BROKEN_ROW"
    """Not a row of its format: an open quote, a control character, a feature without geometry."""
    WRONG_ENCODING = "WRONG_ENCODING"
    WRONG_WIDTH = "WRONG_WIDTH"
    """More or fewer columns than the header."""
    MISSING_VALUE = "MISSING_VALUE"
    """A key, a required field or a required reference is empty."""
    BAD_VALUE = "BAD_VALUE"
    """A value that its field cannot hold."""
    CODE_INVALID = "CODE_INVALID"
    """A code that breaks its standard or the district's pattern."""
    DUPLICATE_KEY = "DUPLICATE_KEY"
    """The file has that key in an earlier row."""
    COORDINATES_INVALID = "COORDINATES_INVALID"
    """Out of range or apparently swapped."""
    OUTSIDE_DISTRICT = "OUTSIDE_DISTRICT"
    """More than 300 m outside every grid."""
    POLYGON_INVALID = "POLYGON_INVALID"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    """It refers to a record that is not there."""
    REFUSED = "REFUSED"
    """The change log refused it for another reason."""


class Reject(NamedTuple):
    """A row that was not loaded: where, which column and value, and why."""

    line: int
    column: str
    value: str
    code: RejectCode
    reason: str
