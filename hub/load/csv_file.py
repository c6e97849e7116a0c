"""Reading CSV in chunks, so that one bad row costs one row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from hub.load.errors import LoadError, Reject, RejectCode
from hub.load.rows import CHUNK_ROWS, Chunk

_LONGEST_HEADER = 1 << 20
_SHOWN = 200
"""Characters of a broken line that its reject shows."""


class CsvFile:
    """A CSV file with a header. Raises LoadError when opened if it cannot be read at all."""

    def __init__(
        self, path: Path, encoding: str = "utf-8", delimiter: str = ",", multiline: bool = False
    ) -> None:
        self.path = path
        self.multiline = multiline
        self._encoding = encoding
        self._delimiter = delimiter
        try:
            with path.open("rb") as file:
                first = file.readline(_LONGEST_HEADER)
        except OSError as error:
            raise LoadError(f"Cannot read {path.name}: {error.strerror}.") from error
        self._header_bytes = len(first)
        try:
            text = first.removeprefix(b"\xef\xbb\xbf").decode(encoding)
        except UnicodeDecodeError as error:
            raise LoadError(
                f"The header of {path.name} is not {encoding}.",
                "State the file's encoding in the mapping.",
            ) from error
        self.header: list[str] = next(csv.reader([text], delimiter=delimiter), [])
        if not any(name.strip() for name in self.header) or "\0" in text:
            raise LoadError(f"{path.name} does not begin with a header of column names.")

    def chunks(self, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """All rows after the header, blank lines left out, in chunks of at most `size`."""
        with self.path.open("rb", buffering=1 << 20) as file:
            file.seek(self._header_bytes)
            yield from self._multiline(file, size) if self.multiline else self._plain(file, size)

    def _plain(self, file: IO[bytes], size: int) -> Iterator[Chunk]:
        """One line, one row: quotes must close on the line they open on."""
        line, consumed = 1, self._header_bytes
        width = len(self.header)
        while True:
            raw = file.readlines(size * 200)
            if not raw:
                return
            for start in range(0, len(raw), size):
                part = raw[start : start + size]
                chunk = Chunk()
                texts, numbers = self._decode(part, line, chunk)
                for number, cells in zip(numbers, self._parse(texts), strict=True):
                    if len(cells) == width:
                        chunk.lines.append(number)
                        chunk.cells.append(cells)
                    elif cells:
                        chunk.rejects.append(_wrong_width(number, cells, width))
                line += len(part)
                consumed += sum(map(len, part))
                chunk.consumed = consumed
                yield chunk

    def _decode(self, raw: list[bytes], before: int, chunk: Chunk) -> tuple[list[str], list[int]]:
        """The lines that can be parsed each by itself, with their numbers; rejects the others."""
        joined = b"".join(raw)
        first = before + 1
        if b"\0" not in joined and b'"' not in joined:
            try:
                text = joined.decode(self._encoding)
            except UnicodeDecodeError:
                pass
            else:
                lines = text.split("\n")
                if not lines[-1]:
                    lines.pop()
                if len(lines) == len(raw):
                    return lines, list(range(first, first + len(raw)))
        texts: list[str] = []
        numbers: list[int] = []
        for number, data in enumerate(raw, start=first):
            try:
                text = data.decode(self._encoding)
            except UnicodeDecodeError as error:
                chunk.rejects.append(_undecodable(number, data, error, self._encoding))
                continue
            if "\0" in text or text.count('"') % 2:
                what = "a NUL character" if "\0" in text else "a quote that does not close"
                reject = Reject(
                    number, "", text[:_SHOWN].strip(), RejectCode.BROKEN_ROW, f"the line has {what}"
                )
                chunk.rejects.append(reject)
                continue
            texts.append(text)
            numbers.append(number)
        return texts, numbers

    def _parse(self, texts: list[str]) -> Iterator[list[str]]:
        """The cells of each text; one that the parser refuses gives a wrong width.

        Each text has a parser of its own: a quote that only the parser sees open cannot swallow
        the next row.
        """
        for text in texts:
            try:
                yield next(csv.reader((text,), delimiter=self._delimiter), [])
            except csv.Error:
                yield [text[:_SHOWN]] * (len(self.header) + 1)

    def _multiline(self, file: IO[bytes], size: int) -> Iterator[Chunk]:
        """Rows whose quoted values may go over several lines."""
        width, consumed = len(self.header), [self._header_bytes]
        bad: dict[int, Reject] = {}

        def decoded() -> Iterator[str]:
            for number, data in enumerate(file, start=2):
                consumed[0] += len(data)
                try:
                    yield data.decode(self._encoding).replace("\0", "\ufffd")
                except UnicodeDecodeError as error:
                    bad[number] = _undecodable(number, data, error, self._encoding)
                    yield data.decode(self._encoding, errors="replace").replace("\0", "\ufffd")

        reader = csv.reader(decoded(), delimiter=self._delimiter)
        chunk, done = Chunk(), 1
        while True:
            try:
                cells: Sequence[str] | None = next(reader, None)
            except csv.Error as error:
                cells = []
                broken = Reject(done + 1, "", "", RejectCode.BROKEN_ROW, str(error))
                chunk.rejects.append(broken)
            if cells is None:
                break
            first, done = done + 1, reader.line_num + 1
            spoilt = [bad.pop(n) for n in range(first, done + 1) if n in bad] if bad else []
            if spoilt:
                chunk.rejects.append(spoilt[0])
            elif len(cells) == width:
                chunk.lines.append(first)
                chunk.cells.append(cells)
            elif cells:
                chunk.rejects.append(_wrong_width(first, cells, width))
            if len(chunk) >= size:
                chunk.consumed = consumed[0]
                yield chunk
                chunk = Chunk()
        chunk.consumed = consumed[0]
        yield chunk


def _wrong_width(line: int, cells: Sequence[str], width: int) -> Reject:
    reason = f"the header has {width} columns, this row {len(cells)}"
    return Reject(line, "", ",".join(cells)[:_SHOWN], RejectCode.WRONG_WIDTH, reason)


def _undecodable(line: int, data: bytes, error: UnicodeDecodeError, encoding: str) -> Reject:
    shown = data.decode(encoding, errors="backslashreplace")[:_SHOWN].strip()
    reason = f"byte {error.start + 1} of the line is not {encoding}"
    return Reject(line, "", shown, RejectCode.WRONG_ENCODING, reason)
