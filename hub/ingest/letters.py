"""Dead letters: what could not be taken, whole, with the reason."""

from __future__ import annotations

from base64 import b64encode

import orjson

from resolvers.stores.tail import Record

MOST_BYTES = 1_000_000


def letter_of(record: Record, reason: str, now: str) -> bytes:
    """The dead letter (wire.DeadLetter) of a message; of a huge one it keeps the beginning."""
    value = record.value or b""
    if len(value) > MOST_BYTES:
        reason += f" (cut: of {len(value)} bytes the first {MOST_BYTES} are kept)"
        value = value[:MOST_BYTES]
    try:
        text, encoding = value.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = b64encode(value).decode(), "base64"
    return orjson.dumps(
        {
            "reason": reason,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": None if record.key is None else record.key.decode(errors="replace"),
            "value": text,
            "encoding": encoding,
            "diedAt": now,
        }
    )
