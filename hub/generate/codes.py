"""Valid codes in bulk: USCC, licence identifiers and camera codes, checked columns at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _table(alphabet: str) -> NDArray[np.int64]:
    table = np.full(128, -1, dtype=np.int64)
    for value, char in enumerate(alphabet):
        table[ord(char)] = value
    return table


_USCC_VALUE, _ALNUM_VALUE = _table(_USCC), _table(_ALNUM)


def usccs(prefix: str, serials: NDArray[np.int64], lead: str) -> list[str]:
    """USCCs from an 8-digit prefix (authority, category, division) and serial numbers.

    The organisation code is `lead` plus the serial in base 31, filled to 8 characters, plus its own
    check character (GB 11714-1997); the last character checks the whole (GB 32100-2015). Serials
    must stay below 31 ** (8 - len(lead)); equal serials give equal codes.
    """
    width = 8 - len(lead)
    if len(serials) and int(serials.max()) >= 31**width:
        raise ValueError(f"serials must be below {31**width}")
    chars = np.zeros((len(serials), 18), dtype=np.uint8)
    for i, char in enumerate((prefix + lead).encode()):
        chars[:, i] = char
    alphabet = np.frombuffer(_USCC.encode(), dtype=np.uint8)
    rest = serials.copy()
    for i in range(15, 15 - width, -1):
        chars[:, i] = alphabet[rest % 31]
        rest //= 31
    organisation = _ALNUM_VALUE[chars[:, 8:16]] @ _ORGANISATION_WEIGHTS
    check = (11 - organisation % 11) % 11
    chars[:, 16] = np.frombuffer(b"0123456789X", dtype=np.uint8)[check]
    total = _USCC_VALUE[chars[:, :17]] @ _USCC_WEIGHTS
    chars[:, 17] = alphabet[(31 - total % 31) % 31]
    return [code.decode() for code in chars.view("S18").ravel().tolist()]


def licence_identifiers(stems: Sequence[str]) -> list[str]:
    """GB/T 36904 identifiers from `type.issuer.serial.version` stems: root and check added.

    The check character is ISO 7064 MOD 37,36 over the parts without dots. Stems of equal length
    are computed together.
    """
    result = [""] * len(stems)
    groups: dict[int, list[int]] = {}
    for i, stem in enumerate(stems):
        groups.setdefault(len(stem), []).append(i)
    for at in groups.values():
        bare = "".join([stems[i].replace(".", "") for i in at]).encode()
        rows = _ALNUM_VALUE[np.frombuffer(bare, dtype=np.uint8).reshape(len(at), -1)]
        check = np.full(len(at), 18, dtype=np.int64)
        for column in rows.T:
            check = (np.where(check == 0, 36, check) * 2 % 37 + column) % 36
        last = (1 - np.where(check == 0, 36, check) * 2 % 37) % 36
        for i, value in zip(at, last.tolist(), strict=True):
            result[i] = f"1.2.156.3005.2.{stems[i]}.{_ALNUM[value]}"
    return result


def camera_codes(centre: str, industry: str, count: int) -> list[str]:
    """GB/T 28181 codes of network cameras: 8 centre + 2 industry + 132 + network 7 + 6 serial."""
    if count > 999_999:
        raise ValueError("a centre has room for 999,999 cameras of one industry")
    return [f"{centre}{industry}1327{serial:06}" for serial in range(1, count + 1)]
