"""Checking a column of codes at once, with the standards' check characters in numpy.

The rules are those of `resolvers.codes`, which checks one code at a time; a test holds them equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROOT = "1.2.156.3005.2."
_LICENCE = re.compile(
    r"1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.(?:[0-9A-Z]{18}|[0-9]{6})\.[0-9A-Z]+\.[0-9A-Z]{3}\.[0-9A-Z]"
)
_CAMERA = re.compile(r"[0-9]{20}")
_FIRM = re.compile(rf"[0-9]{{8}}[{_USCC}]{{10}}")

Check = Callable[[Sequence[str]], list[str | None]]
"""Gives for each code what is wrong with it, None if nothing."""


def check_for(scheme: str, pattern: re.Pattern[str] | None) -> Check:
    """The check for a code scheme of the catalogue, and a pattern of the district's if it has one.

    A pattern replaces schemes without a check character. Raises ValueError for an unknown scheme.
    """
    if scheme == "uscc":
        return _both(uscc_faults, pattern)
    if scheme == "gbt36904":
        return _both(licence_faults, pattern)
    if scheme == "gbt28181":
        return _both(_matching(_CAMERA, "a camera code has 20 digits (GB/T 28181)"), pattern)
    if pattern is not None:
        return _matching(pattern, f"the district's codes match {pattern.pattern}")
    if scheme.startswith("division-"):
        digits = scheme.removeprefix("division-")
        wanted = f"a code of {digits} digits is expected"
        return _matching(re.compile(rf"[0-9]{{{digits}}}"), wanted)
    if scheme == "own":
        return _matching(re.compile(r"\S(?:.{0,98}\S)?"), "a code has 1 to 100 characters")
    raise ValueError(f"unknown code scheme {scheme!r}")


def uscc_faults(codes: Sequence[str]) -> list[str | None]:
    """What is wrong with each USCC (GB 32100-2015)."""
    form = "a USCC has 8 digits and 10 characters without I O Z S V (GB 32100)"
    faults = _matching(_FIRM, form)(codes)
    at = [i for i, fault in enumerate(faults) if fault is None]
    if at:
        chars = np.frombuffer("".join([codes[i] for i in at]).encode(), dtype=np.uint8)
        values = _table(_USCC)[chars.reshape(len(at), 18)]
        wanted = (31 - values[:, :17] @ _USCC_WEIGHTS % 31) % 31
        for k in np.flatnonzero(values[:, 17] != wanted):
            faults[at[k]] = f"the check character should be {_USCC[wanted[k]]} (GB 32100)"
    return faults


def licence_faults(codes: Sequence[str]) -> list[str | None]:
    """What is wrong with each licence identifier (GB/T 36904; ISO 7064 MOD 37,36)."""
    form = f"expected {_ROOT}type(21).issuer.serial.version(3).check (GB/T 36904)"
    faults = _matching(_LICENCE, form)(codes)
    lengths: dict[int, list[int]] = {}
    for i, fault in enumerate(faults):
        if fault is None:
            lengths.setdefault(len(codes[i]), []).append(i)
    for at in lengths.values():
        bare = "".join([codes[i][len(_ROOT) :].replace(".", "") for i in at]).encode()
        rows = _table(_ALNUM)[np.frombuffer(bare, dtype=np.uint8).reshape(len(at), -1)]
        check = np.full(len(at), 18, dtype=np.int64)
        for column in rows[:, :-1].T:
            check = (np.where(check == 0, 36, check) * 2 % 37 + column) % 36
        wanted = (1 - np.where(check == 0, 36, check) * 2 % 37) % 36
        for k in np.flatnonzero(rows[:, -1] != wanted):
            faults[at[k]] = f"the check character should be {_ALNUM[wanted[k]]} (ISO 7064)"
    return faults


def issuer_has_6_digits(code: str) -> bool:
    """Whether a licence identifier names its issuer by 6 digits in place of a USCC."""
    return len(code.split(".")[6]) == 6


def _matching(pattern: re.Pattern[str], reason: str) -> Check:
    whole = pattern.fullmatch

    def check(codes: Sequence[str]) -> list[str | None]:
        return [None if whole(code) else reason for code in codes]

    return check


def _both(check: Check, pattern: re.Pattern[str] | None) -> Check:
    if pattern is None:
        return check
    second = _matching(pattern, f"the district's codes match {pattern.pattern}")

    def checks(codes: Sequence[str]) -> list[str | None]:
        return [a or b for a, b in zip(check(codes), second(codes), strict=True)]

    return checks


def _table(alphabet: str) -> NDArray[np.int64]:
    table = np.full(128, -1, dtype=np.int64)
    for value, char in enumerate(alphabet):
        table[ord(char)] = value
    return table
