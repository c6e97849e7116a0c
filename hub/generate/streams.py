"""Random numbers: one stream per type, so that a change in one type leaves the others alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of a seed and a name; equal arguments give equal numbers."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))


def weighted(rng: np.random.Generator, weights: Sequence[float], count: int) -> NDArray[np.int64]:
    """`count` indices drawn with the given weights (int64 [count])."""
    p = np.asarray(weights, dtype=np.float64)
    edges = np.cumsum(p / p.sum())
    drawn = np.searchsorted(edges, rng.random(count), side="right")
    return np.minimum(drawn, len(p) - 1).astype(np.int64)


def shares(weights: Sequence[float], total: int, least: int = 0) -> list[int]:
    """`total` split in proportion to the weights, at least `least` each (largest remainders)."""
    spare = total - least * len(weights)
    if spare < 0:
        raise ValueError(f"{total} is too few for {len(weights)} parts of at least {least}")
    whole = sum(weights)
    exact = [spare * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: spare - sum(parts)]:
        parts[i] += 1
    return [part + least for part in parts]
