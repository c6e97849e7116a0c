"""An overview of dead letters: the newest ones, and how many died of what."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hub.event_tools.letters import Letter, Shelf, Wanted

MOST_REASONS = 1_000
"""Different reasons that are counted apart."""
OTHER = "other reasons"


@dataclass
class Overview:
    """What a look at the letters found."""

    newest: list[tuple[Letter, bool]] = field(default_factory=list)
    """Newest first, with whether each was replayed."""
    reasons: Counter[str] = field(default_factory=Counter)
    count: int = 0
    replayed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "count": self.count,
            "replayed": self.replayed,
            "reasons": dict(self.reasons.most_common()),
            "letters": [
                {"place": letter.place, "replayed": replayed} | shown(letter)
                for letter, replayed in self.newest
            ],
        }


async def overview(shelf: Shelf, wanted: Wanted, limit: int) -> Overview:
    """The `limit` newest letters that are wanted, and counts of all of them on the shelf."""
    marks = await shelf.marks()
    found = Overview()
    newest: list[tuple[float, int, int, Letter]] = []
    async for letter in shelf.letters():
        if not wanted.fits(letter):
            continue
        found.count += 1
        found.replayed += marks.holds(letter)
        reason = letter.told.reason
        known = reason in found.reasons or len(found.reasons) < MOST_REASONS
        found.reasons[reason if known else OTHER] += 1
        entry = (letter.told.died_at.timestamp(), letter.partition, letter.offset, letter)
        if len(newest) < limit:
            heapq.heappush(newest, entry)
        else:
            heapq.heappushpop(newest, entry)
    found.newest = [(entry[3], marks.holds(entry[3])) for entry in sorted(newest, reverse=True)]
    return found


def shown(letter: Letter) -> dict[str, Any]:
    """A letter for machines, without the message itself."""
    told = letter.told
    return {
        "diedAt": told.died_at.isoformat(),
        "reason": told.reason,
        "key": told.key,
        "topic": told.topic,
        "partition": told.partition,
        "offset": told.offset,
    }
