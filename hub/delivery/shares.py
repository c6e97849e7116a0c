"""How many different things one caller may follow: each is tried on events, whoever listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from resolvers.errors import TooManyStreams

NARROW = frozenset({"camera", "grid", "venue", "firm", "code"})
"""Attributes by which the index finds few subscriptions for an event."""

Terms = Sequence[tuple[str, str]]


class Shares:
    """Counts the groups that exist for each caller; `broad` ones are tried on many events."""

    def __init__(self, most: int, most_broad: int) -> None:
        self._most = most
        self._most_broad = most_broad
        self._all: Counter[str] = Counter()
        self._broad: Counter[str] = Counter()

    def take(self, owner: str | None, terms: Terms) -> None:
        """One more. Raises TooManyStreams."""
        if owner is None:
            return
        if self._all[owner] >= self._most:
            raise TooManyStreams(
                f"you follow {self._most} different things, as many as one caller may "
                "(HUB_STREAM_GROUPS_PER_CALLER): ask for several at once, by `in` or `or`"
            )
        broad = _broad(terms)
        if broad and self._broad[owner] >= self._most_broad:
            raise TooManyStreams(
                f"you have {self._most_broad} different subscriptions that name no camera, grid, "
                "venue or firm, as many as one caller may (HUB_STREAM_BROAD_PER_CALLER): narrow "
                "their filters, or ask for several at once"
            )
        self._all[owner] += 1
        self._broad[owner] += broad

    def give_back(self, owner: str | None, terms: Terms) -> None:
        """One less."""
        if owner is None:
            return
        self._all[owner] -= 1
        self._broad[owner] -= _broad(terms)
        if not self._all[owner]:
            del self._all[owner], self._broad[owner]


def _broad(terms: Terms) -> bool:
    return not terms or any(attribute not in NARROW for attribute, _ in terms)
