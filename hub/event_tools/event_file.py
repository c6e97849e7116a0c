"""A file of events that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from hub.errors import HubError
from hub.event_tools.event_columns import SCHEMA, batch_of


class EventSink(Protocol):
    """Takes messages, page by page."""

    def write(self, docs: list[str]) -> None: ...


class JsonLines:
    """One message in a line, as it stood on the topic."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, docs: list[str]) -> None:
        self._file.write("".join(f"{doc}\n" for doc in docs).encode())


class ParquetRows:
    """One row group for each page."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer

    def write(self, docs: list[str]) -> None:
        self._writer.write_batch(batch_of(docs))


@contextmanager
def event_file(path: Path, kind: str) -> Iterator[EventSink]:
    """A new `parquet` or `jsonl` file, in place of any of that name, once the block ended well.

    Until then it is `.NAME.PID.part` beside it, which an error removes. Raises HubError where it
    cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            if kind == "jsonl":
                yield JsonLines(file)
            else:
                with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
                    yield ParquetRows(writer)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise HubError(
            f"{path} could not be written: {error.strerror or error}.",
            "Nothing is left of it. Make room or choose another place, and export again.",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
