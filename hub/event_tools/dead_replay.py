"""Sending dead letters once more to the topic they came from."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from hub.errors import HubError
from hub.event_tools.letters import MARK, Letter, Marks, Shelf, Wanted
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.kafka import Fenced
from resolvers.stores.replayer import Again, Replayer
from schema.wire import DEAD, DETECTIONS, MAX_MESSAGE_BYTES, REVIEWS

LARGEST = 8_000_000
MOST = 500
"""Letters of one transaction."""
MOST_TOLD = 100
REPLAY_OF = "replay-of"
"""Header of a replayed message: the topic and place of its letter."""


@dataclass
class Replayed:
    """What a replay did, or would do."""

    sent: int = 0
    before: int = 0
    """Passed over, as they were replayed before."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Place and reason of letters that cannot be replayed; the first hundred."""
    refusals: int = 0

    def refuse(self, place: str, reason: str) -> None:
        """Count a letter that cannot be replayed."""
        self.refusals += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append((place, reason))


async def replay(
    at: StoreAddresses,
    prefix: str,
    wanted: Wanted,
    *,
    again: bool = False,
    dry: bool = False,
    advance: Callable[[int], None] = lambda count: None,
) -> Replayed:
    """Send the letters that are wanted to their topics, each with its mark in one transaction.

    Those that were replayed before are passed over unless `again`. `dry` only counts. Letters
    that die while it runs are left alone. Raises HubError if another replay begins meanwhile, and
    StoreUnavailable.
    """
    done = Replayed()
    writer = None if dry else await Replayer.open(at, f"{prefix}dead-replay", LARGEST)
    try:
        shelf = await Shelf.open(at, prefix + DEAD)
        marks = Marks() if again else await shelf.marks()
        chosen: list[Letter] = []
        async for letter in shelf.letters():
            if not wanted.fits(letter):
                continue
            if not again and marks.holds(letter):
                done.before += 1
            elif wrong := obstacle(letter, prefix):
                done.refuse(letter.place, wrong)
            else:
                chosen.append(letter)
            if len(chosen) == MOST:
                await _send(writer, chosen, shelf.topic, done, advance)
                chosen = []
        await _send(writer, chosen, shelf.topic, done, advance)
        return done
    except Fenced as error:
        raise HubError(
            f"Another replay took over after {done.sent} letters of this one.",
            "Wait for its end, then look at 'hub events dead list'.",
        ) from error
    finally:
        if writer is not None:
            await writer.close()


def obstacle(letter: Letter, prefix: str) -> str | None:
    """Why a letter cannot be replayed; None if it can."""
    told = letter.told
    if told.topic not in (prefix + DETECTIONS, prefix + REVIEWS):
        return f"its topic {told.topic!r} is not one that ingest reads"
    if len(told.value) > 2 * MAX_MESSAGE_BYTES or "(cut: " in told.reason:
        return "the message is too long for any detection or review"
    return None


async def _send(
    writer: Replayer | None,
    letters: list[Letter],
    topic: str,
    done: Replayed,
    advance: Callable[[int], None],
) -> None:
    if writer is not None and letters:
        marks = []
        for partition in sorted({letter.partition for letter in letters}):
            offsets = [letter.offset for letter in letters if letter.partition == partition]
            headers = [(MARK, orjson.dumps(offsets))]
            marks.append(Again(topic, MARK.encode(), None, headers, partition))
        await writer.write([*(message_of(letter, topic) for letter in letters), *marks])
    done.sent += len(letters)
    advance(len(letters))


def message_of(letter: Letter, topic: str) -> Again:
    """The message that died, as it was, with a header that tells where its letter lies."""
    told = letter.told
    value = b64decode(told.value) if told.encoding == "base64" else told.value.encode()
    headers = [(REPLAY_OF, f"{topic} {letter.place}".encode())]
    keyless = told.partition if letter.key is None else None
    return Again(told.topic, letter.key, value, headers, keyless)
