"""Reading a GeoJSON FeatureCollection feature by feature, in bounded memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hub.load.errors import LoadError, Reject, RejectCode
from hub.load.rows import Chunk

_BLOCK = 1 << 20
_LONGEST = 64 << 20
"""Characters a feature may have; a longer one is a damaged file."""
_START = re.compile(r'"features"\s*:\s*\[')
_HEAVY = 4 << 20
"""Bytes of file after which a chunk of large features is full."""
_GAP = re.compile(r"[\s,]*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class GeoJsonFile:
    """A FeatureCollection. Raises LoadError when opened if it cannot be read at all.

    `header` names the properties that cells are given for; a property that is absent is empty.
    """

    def __init__(self, path: Path, columns: Sequence[str], encoding: str = "utf-8") -> None:
        self.path = path
        self.header = list(columns)
        self._encoding = encoding
        try:
            with path.open("rb") as file:
                head = file.read(_BLOCK).decode(encoding, errors="replace")
        except OSError as error:
            raise LoadError(f"Cannot read {path.name}: {error.strerror}.") from error
        if not _START.search(head):
            raise LoadError(f"{path.name} is not a GeoJSON FeatureCollection in {encoding}.")

    def chunks(self, size: int = 500) -> Iterator[Chunk]:
        """All features in chunks of at most `size`.

        A damaged file ends with a reject at the place where it can be read no further.
        """
        chunk, start = Chunk(geometries=[]), 0
        for line, item, consumed in self._features():
            chunk.consumed = consumed
            if isinstance(item, Reject):
                chunk.rejects.append(item)
            else:
                self._add(chunk, line, item)
            if len(chunk) >= size or consumed - start > _HEAVY:
                yield chunk
                chunk, start = Chunk(geometries=[], consumed=consumed), consumed
        yield chunk

    def _add(self, chunk: Chunk, line: int, feature: Any) -> None:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            shown = json.dumps(feature, ensure_ascii=False)[:200]
            reason = "not a GeoJSON Feature"
            chunk.rejects.append(Reject(line, "", shown, RejectCode.BROKEN_ROW, reason))
            return
        cells = [_cell((properties or {}).get(name)) for name in self.header]
        if _UNSTORABLE.search("".join(cells)):
            shown = "|".join(cells)[:200]
            reason = "a NUL character or half of a surrogate pair"
            chunk.rejects.append(Reject(line, "", shown, RejectCode.BROKEN_ROW, reason))
            return
        chunk.lines.append(line)
        chunk.cells.append(cells)
        assert chunk.geometries is not None
        chunk.geometries.append(feature.get("geometry"))

    def _features(self) -> Iterator[tuple[int, Any, int]]:
        """(line, feature or reject, bytes consumed) of each feature."""
        decoder, incremental = json.JSONDecoder(), codecs.getincrementaldecoder(self._encoding)()
        with self.path.open("rb") as file:
            text, line, ended = "", 1, False
            inside = False
            wanted = _BLOCK
            while True:
                while len(text) < wanted and not ended:
                    data = file.read(_BLOCK)
                    ended = not data
                    try:
                        text += incremental.decode(data, final=ended)
                    except UnicodeDecodeError as error:
                        where = f"not {self._encoding}: {error.reason}"
                        yield line, Reject(line, "", "", RejectCode.WRONG_ENCODING, where), 0
                        return
                if not inside:
                    start = _START.search(text)
                    if start is None and not ended:
                        wanted += _BLOCK
                        continue
                    assert start is not None  # the head was looked at when the file was opened
                    line += text.count("\n", 0, start.end())
                    text, inside = text[start.end() :], True
                at = 0
                while True:
                    gap = _GAP.match(text, at)
                    assert gap is not None
                    line += text.count("\n", at, gap.end())
                    at = gap.end()
                    if text[at : at + 1] == "]":
                        return
                    try:
                        feature, end = decoder.raw_decode(text, at)
                    except json.JSONDecodeError as error:
                        if ended or len(text) - at > _LONGEST:
                            reason = f"the file cannot be read on from here: {error.msg}"
                            shown = text[at : at + 200]
                            yield line, Reject(line, "", shown, RejectCode.BROKEN_ROW, reason), 0
                            return
                        break
                    yield line, feature, file.tell()
                    line += text.count("\n", at, end)
                    at = end
                text = text[at:]
                wanted = len(text) + _BLOCK


def _cell(value: Any) -> str:
    """A property as the text a CSV file would have."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(_cell(part) for part in value)
    return json.dumps(value, ensure_ascii=False)
