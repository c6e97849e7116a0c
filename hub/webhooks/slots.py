"""How many attempts may be under way at a time, so that slow receivers hold nobody else up."""

from __future__ import annotations

import asyncio

MOST = 256
"""Attempts under way in all; half of them are for webhooks that have none under way."""
EACH = 8
"""Attempts under way for one webhook, each of another camera."""


class Slots:
    """Attempts under way, over all webhooks."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._taken = 0
        self._refused: set[asyncio.Event] = set()

    def take(self, mine: int, wake: asyncio.Event) -> bool:
        """Take a slot for a webhook that has `mine`; False: `wake` is set when it may try again."""
        if self._taken < (self._most if mine == 0 else self._most // 2):
            self._taken += 1
            return True
        self._refused.add(wake)
        return False

    def give(self) -> None:
        """Give a slot back."""
        self._taken -= 1
        refused, self._refused = self._refused, set()
        for wake in refused:
            wake.set()
