"""Which keys a file has had already, in 8 bytes a key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class SeenKeys:
    """A growing set of keys that tells duplicates, batch by batch.

    Keys are kept as 64-bit digests in sorted runs that are merged like a binary counter, so ten
    million keys take 80 MB. Two different keys among n share a digest with a chance of n² / 2^65
    (a million keys: 3e-8).
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, keys: Sequence[str]) -> list[bool]:
        """For each key, whether an earlier one, in this batch or before it, was the same."""
        if not keys:
            return []
        joined = b"".join(
            [
                hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                for key in keys
            ]
        )
        digests = np.frombuffer(joined, dtype=np.uint64)
        fresh, first = np.unique(digests, return_index=True)
        repeated = np.ones(len(keys), dtype=np.bool_)
        repeated[first] = False
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, digests), len(run) - 1)
            repeated |= run[at] == digests
        self._insert(fresh)
        found: list[bool] = repeated.tolist()
        return found

    def _insert(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.union1d(self._runs.pop(), run)
        self._runs.append(run)
