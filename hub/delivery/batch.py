"""Messages for all streams of a group, and their bytes on the wire."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from hub.delivery.entry import Entry, Place


class Batch:
    """Payloads with the cursor of each, in order.

    `seqs` are the numbers of their log entries (ascending), `entries` these themselves where the
    batch may be taken in part; `before` is the place before the first of them. `wire` keeps what
    protocols make of the payloads, for streams that share it.
    """

    __slots__ = ("before", "cursors", "entries", "payloads", "seqs", "wire")

    def __init__(
        self,
        seqs: Sequence[int],
        cursors: Sequence[str],
        payloads: Sequence[bytes],
        before: Place,
        entries: Sequence[Entry] = (),
    ) -> None:
        self.seqs = seqs
        self.cursors = cursors
        self.payloads = payloads
        self.before = before
        self.entries = entries
        self.wire: dict[Hashable, bytes] = {}

    def __len__(self) -> int:
        return len(self.payloads)
