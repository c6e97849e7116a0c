"""Checking a column of codes at once, by the schemes of `resolvers.codes`.

Check characters are computed with numpy, a column at a time; a code that fails is checked once
more by its scheme, which says what is wrong and has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from resolvers.catalog import Entity
from resolvers.codes import GBT36904, ISSUER_6_DIGITS, SCHEMES, Codes, Flags

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_FORM = re.compile(rf"[0-9]{{8}}[{_USCC}]{{10}}")
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROOT = len("1.2.156.3005.2.")

Check = Callable[[Sequence[str]], tuple[dict[int, str], dict[int, Flags]]]
"""Gives by index what is wrong with the codes that are wrong, and the flags of others."""


class Checked(Codes):
    """For a writer whose codes have been checked a column at a time."""

    def check(self, entity: Entity, code: str) -> Flags:
        return ()


def check_for(scheme: str, pattern: re.Pattern[str] | None) -> Check:
    """The check for a scheme of the catalogue, or for the district's own pattern in its place."""
    if pattern is not None:
        return _by_pattern(pattern)
    one = SCHEMES[scheme]
    if scheme == "uscc":
        return lambda codes: _confirmed(codes, _uscc_suspects(codes), one)
    if scheme == "gbt36904":
        return lambda codes: _confirmed(codes, _licence_suspects(codes), one)
    return lambda codes: _confirmed(codes, range(len(codes)), one)


def _by_pattern(pattern: re.Pattern[str]) -> Check:
    whole = pattern.fullmatch
    reason = f"does not match {pattern.pattern}"

    def check(codes: Sequence[str]) -> tuple[dict[int, str], dict[int, Flags]]:
        return {i: reason for i, code in enumerate(codes) if not whole(code)}, {}

    return check


def _confirmed(
    codes: Sequence[str], suspects: Iterable[int], one: Callable[[str], Flags]
) -> tuple[dict[int, str], dict[int, Flags]]:
    faults: dict[int, str] = {}
    flags: dict[int, Flags] = {}
    for i in suspects:
        try:
            if found := one(codes[i]):
                flags[i] = found
        except ValueError as error:
            faults[i] = str(error)
    return faults, flags


def _uscc_suspects(codes: Sequence[str]) -> list[int]:
    whole = _USCC_FORM.fullmatch
    formed = [i for i, code in enumerate(codes) if whole(code)]
    suspects = set(range(len(codes))).difference(formed)
    if formed:
        chars = np.frombuffer("".join([codes[i] for i in formed]).encode(), dtype=np.uint8)
        values = _values(_USCC)[chars.reshape(len(formed), 18)]
        wanted = (31 - values[:, :17] @ _USCC_WEIGHTS % 31) % 31
        suspects.update(formed[k] for k in np.flatnonzero(values[:, 17] != wanted))
    return sorted(suspects)


def _licence_suspects(codes: Sequence[str]) -> list[int]:
    """Those with a wrong check character or form, and those whose issuer has 6 digits."""
    matches = [GBT36904.fullmatch(code) for code in codes]
    suspects = {i for i, match in enumerate(matches) if match is None or len(match[3]) == 6}
    lengths: dict[int, list[int]] = {}
    for i, match in enumerate(matches):
        if match is not None:
            lengths.setdefault(len(codes[i]), []).append(i)
    for at in lengths.values():
        bare = "".join([codes[i][_ROOT:].replace(".", "") for i in at]).encode()
        rows = _values(_ALNUM)[np.frombuffer(bare, dtype=np.uint8).reshape(len(at), -1)]
        check = np.full(len(at), 18, dtype=np.int64)
        for column in rows[:, :-1].T:
            check = (np.where(check == 0, 36, check) * 2 % 37 + column) % 36
        wanted = (1 - np.where(check == 0, 36, check) * 2 % 37) % 36
        suspects.update(at[k] for k in np.flatnonzero(rows[:, -1] != wanted))
    return sorted(suspects)


def _values(alphabet: str) -> NDArray[np.int64]:
    table = np.full(128, -1, dtype=np.int64)
    for value, char in enumerate(alphabet):
        table[ord(char)] = value
    return table


__all__ = ["ISSUER_6_DIGITS", "Check", "Checked", "check_for"]
