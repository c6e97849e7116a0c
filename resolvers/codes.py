"""The codes that name records: schemes of national standards, and a district's own patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.iso7064 import mod_37_36

from resolvers.catalog import Entity
from resolvers.errors import CodeInvalid

ISSUER_6_DIGITS = "ISSUER_6_DIGITS"
"""Flag of a licence whose issuer is named by 6 digits in place of a USCC."""

Flags = tuple[str, ...]
Scheme = Callable[[str], Flags]

OWN = re.compile(r"\S(?:[^\x00-\x1f\x7f]{0,62}\S)?")
GBT28181 = re.compile(r"\d{8}\d{2}(?:131|132)\d\d{6}", re.ASCII)
GBT36904 = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{18})(\d{3})\.(\d{6}|[0-9A-Z]{18})\.([0-9A-Z]+)\.(\d{3})\.([0-9A-Z])",
    re.ASCII,
)


def check_uscc(code: str) -> Flags:
    """GB 32100-2015: 18 characters, the last a check character by modulus 31."""
    try:
        if not code.isascii():
            raise ValueError("it has characters other than digits and capitals")
        plain = uscc.validate(code)
    except (ValueError, StdnumError) as error:
        raise ValueError(
            f"is not a Unified Social Credit Code (GB 32100-2015, 18 characters): {error}"
        ) from None
    if plain != code:
        raise ValueError(f"must be written without spaces and in capitals: {plain}")
    return ()


def check_gbt28181(code: str) -> Flags:
    """GB/T 28181-2016, annex D: 8 centre, 2 industry, 3 type, 1 network, 6 serial digits."""
    if GBT28181.fullmatch(code) is None:
        raise ValueError(
            "is not a camera's code (GB/T 28181: 20 digits, of which digits 11 to 13 are the type "
            "131 or 132)"
        )
    return ()


def check_gbt36904(code: str) -> Flags:
    """GB/T 36904-2018: the last character is ISO 7064 MOD 37,36 over the parts without dots."""
    match = GBT36904.fullmatch(code)
    if match is None:
        raise ValueError(
            "is not an electronic licence identifier (GB/T 36904: 1.2.156.3005.2 . type of 21 . "
            "issuer . serial . version of 3 . check)"
        )
    if (expected := licence_check_character(code.rpartition(".")[0])) != match[6]:
        raise ValueError(f"ends in check character {match[6]}, where {expected} is due")
    return (ISSUER_6_DIGITS,) if len(match[3]) == 6 else ()


def licence_check_character(identifier: str) -> str:
    """The check character of a licence identifier given without its last part (GB/T 36904)."""
    parts = identifier.split(".")[5:]
    check: str = mod_37_36.calc_check_digit("".join(parts))
    return check


def _own(code: str) -> Flags:
    if OWN.fullmatch(code) is None:
        raise ValueError("must have 1 to 64 characters and neither begin nor end with a space")
    return ()


def _digits(count: int) -> Scheme:
    pattern = re.compile(rf"[0-9]{{{count}}}")

    def check(code: str) -> Flags:
        if pattern.fullmatch(code) is None:
            raise ValueError(f"must have {count} digits")
        return ()

    return check


SCHEMES: Mapping[str, Scheme] = {
    **{f"division-{n}": _digits(n) for n in (2, 4, 6, 9, 12, 15)},
    "own": _own,
    "uscc": check_uscc,
    "gbt28181": check_gbt28181,
    "gbt36904": check_gbt36904,
}
"""Scheme name to a check that gives flags and raises ValueError with what is wrong."""

PARENT_SCHEMES: Mapping[str, str] = {
    "division-9": "division-6",
    "division-12": "division-9",
    "division-15": "division-12",
}
"""Scheme of a division's code to that of the division it lies in."""


def check_parent(entity: Entity, code: str, edges: Mapping[str, Any]) -> None:
    """Refuse (CodeInvalid) a subdistrict, community or grid whose code does not begin with that of
    the division it lies in. Holds where both are codes of the national scheme.
    """
    if entity.level is None or entity.level < 3 or not _national(entity.code, code):
        return
    scheme = PARENT_SCHEMES.get(entity.code)
    parent = next((edges.get(e.prop) for e in entity.edges if e.relationship == "IN"), None)
    if scheme is None or not isinstance(parent, str) or not _national(scheme, parent):
        return
    if not code.startswith(parent):
        raise CodeInvalid(
            f"{entity.name}.code {code!r} must begin with {parent}, the code of the division it "
            "lies in",
            field="code",
            value=code,
        )


def _national(scheme: str, code: str) -> bool:
    if not scheme.startswith("division-"):
        return False
    try:
        SCHEMES[scheme](code)
    except ValueError:
        return False
    return True


class Codes:
    """Checks codes by the catalogue's schemes, or by the patterns of the districts' own.

    `districts` holds one mapping for each district that the hub serves: type name to the pattern
    that a whole code must match. A pattern stands in place of the type's scheme.
    """

    def __init__(self, districts: Iterable[Mapping[str, re.Pattern[str]]] = ()) -> None:
        profiles = list(districts)
        names = {name for profile in profiles for name in profile}
        self._patterns = {
            name: [profile[name] for profile in profiles if name in profile] for name in names
        }
        self._strict = {n for n in names if len(self._patterns[n]) == len(profiles)}

    def check(self, entity: Entity, code: str) -> Flags:
        """Flags of a code that is right. Raises CodeInvalid with what the code must be."""
        patterns = self._patterns.get(entity.name)
        if patterns is not None:
            if any(pattern.fullmatch(code) for pattern in patterns):
                return ()
            if entity.name in self._strict:
                expected = " or ".join(pattern.pattern for pattern in patterns)
                raise self._refusal(entity, code, f"does not match {expected}")
        try:
            return SCHEMES[entity.code](code)
        except ValueError as error:
            raise self._refusal(entity, code, str(error)) from None

    @staticmethod
    def _refusal(entity: Entity, code: str, what: str) -> CodeInvalid:
        shown = code if len(code) <= 80 else code[:80] + "…"
        return CodeInvalid(f"{entity.name}.code {shown!r} {what}", field="code", value=shown)
