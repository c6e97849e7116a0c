"""Frames are those that the library `websockets` reads, of every length's form."""

from __future__ import annotations

import json

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from hub.delivery.batch import Batch
from hub.delivery.forms import FORMS
from hub.delivery.frames import PING, next_frames, next_head, text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_lengths(size: int) -> None:
    client = ClientProtocol(parse_uri("ws://x/"), state=State.OPEN)
    client.receive_data(text_frame(b"x" * size) + PING)
    text, ping = client.events_received()
    assert isinstance(text, Frame)
    assert isinstance(ping, Frame)
    assert (bytes(text.data), int(ping.opcode)) == (b"x" * size, 9)


def test_a_batch_is_put_into_frames_once_for_all_of_one_id() -> None:
    batch = Batch([1, 2], ["a", "b"], [b'{"data":1}', b'{"data":2}'], ())
    head = next_head(json.dumps("é").encode())
    frames = next_frames(batch, head)
    assert next_frames(batch, head) is frames
    assert next_frames(batch, next_head(b'"2"')) != frames


def test_forms() -> None:
    batch = Batch([1], ["c"], [b'{"data":1}'], ())
    sse, multipart = FORMS["text/event-stream"], FORMS["multipart/mixed"]
    assert sse.encode(batch) == b'event: next\nid: c\ndata: {"data":1}\n\n'
    whole = multipart.opening + multipart.encode(batch) + multipart.complete
    assert whole.count(b"\r\n---") == 3
    assert whole.endswith(b"\r\n-----\r\n")
