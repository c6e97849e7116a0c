"""Messages that were made for one stream of a group and serve the next."""

from __future__ import annotations

from collections import OrderedDict


class Payloads:
    """The `most_bytes` of payloads used last, by (group's number, cursor)."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[tuple[int, str], bytes] = OrderedDict()

    def get(self, group: int, cursor: str) -> bytes | None:
        found = self._kept.get((group, cursor))
        if found is not None:
            self._kept.move_to_end((group, cursor))
        return found

    def put(self, group: int, cursor: str, payload: bytes) -> None:
        replaced = self._kept.pop((group, cursor), b"")
        self._kept[group, cursor] = payload
        self._held += len(payload) - len(replaced)
        while self._held > self._most:
            self._held -= len(self._kept.popitem(last=False)[1])
