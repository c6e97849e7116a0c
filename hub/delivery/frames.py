"""WebSocket frames as a server sends them (RFC 6455, 5.2), and messages in them."""

from __future__ import annotations

from hub.delivery.batch import Batch

TEXT = 0x81
PING = b"\x89\x00"
"""A ping without content."""


def text_frame(content: bytes) -> bytes:
    """One whole text message, unmasked."""
    length = len(content)
    if length < 126:
        return bytes((TEXT, length)) + content
    if length < 65_536:
        return bytes((TEXT, 126)) + length.to_bytes(2) + content
    return bytes((TEXT, 127)) + length.to_bytes(8) + content


def next_head(identity: bytes) -> bytes:
    """How a `next` message of an operation begins, whose id is given as JSON."""
    return b'{"id":' + identity + b',"type":"next","payload":'


def next_frames(batch: Batch, head: bytes) -> bytes:
    """The frames of a batch for an operation; made once for all operations of that id."""
    found = batch.wire.get(head)
    if found is None:
        found = b"".join(text_frame(head + payload + b"}") for payload in batch.payloads)
        batch.wire[head] = found
    return found
