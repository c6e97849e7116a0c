"""What a cursor is told that was good once."""

from __future__ import annotations

from resolvers.errors import CursorExpired


def expired(reason: str) -> CursorExpired:
    """The refusal of an expired cursor; says what to do."""
    return CursorExpired(
        f"this cursor has expired: {reason}; take a snapshot by a query ('events' gives its "
        "liveCursor) and go on from there"
    )
