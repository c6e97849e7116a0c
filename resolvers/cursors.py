"""Cursors: places in a list, opaque and signed, so that a forged one is told from a real one.

A cursor is base64url of `tag (8 bytes) || orjson([list, values…])`, where the tag is BLAKE2b keyed
with the hub's cursor key, and `list` names the list and its order: a cursor is good for that only.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

import orjson

from resolvers.errors import CursorInvalid

TAG_BYTES = 8
MAX_LENGTH = 2_000


class CursorKey:
    """Signs and checks cursors with a secret of at least 16 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the cursor key needs 16 bytes or more")
        self._base = hashlib.blake2b(key=secret[:64], digest_size=TAG_BYTES)

    def _tag(self, body: bytes) -> bytes:
        mac = self._base.copy()
        mac.update(body)
        return mac.digest()

    def sign(self, place: list[Any]) -> str:
        """The cursor of a place: the list's name, then the order's values."""
        body = orjson.dumps(place)
        return urlsafe_b64encode(self._tag(body) + body).rstrip(b"=").decode()

    def read(self, cursor: Any, list_name: str, count: int) -> list[Any]:
        """The order's values. Raises CursorInvalid for any cursor not made for this list."""
        try:
            if not isinstance(cursor, str) or len(cursor) > MAX_LENGTH:
                raise ValueError
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
            if not hmac.compare_digest(tag, self._tag(body)):
                raise ValueError
            place = orjson.loads(body)
        except (ValueError, Base64Error):
            raise CursorInvalid(
                "this is not a cursor of this hub: take cursors from pageInfo or edges as they are"
            ) from None
        if place[0] != list_name or len(place) != count + 1:
            raise CursorInvalid(
                "this cursor belongs to another list or order: "
                "use it with the field and orderBy it came from"
            )
        values: list[Any] = place[1:]
        return values
