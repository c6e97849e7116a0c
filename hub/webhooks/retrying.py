"""When to try again."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST, LONGEST = 1.0, 3_600.0
"""Seconds: the pause after the first failure, and the longest, but for Retry-After."""
LONGEST_ASKED = 86_400.0
"""Seconds: the longest Retry-After that is honoured."""


def pause_after(attempts: int, *, first: float = FIRST, chance: float | None = None) -> float:
    """Seconds until the next attempt: twice as long each time, by chance between half and all."""
    whole = min(first * 2.0 ** min(attempts - 1, 40), LONGEST)
    return whole * (0.5 + (random.random() if chance is None else chance) / 2)  # noqa: S311


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a header Retry-After asks to wait, in either of its forms; None for none."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_ASKED)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_ASKED)
