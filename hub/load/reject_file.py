"""The file that rejected rows go to."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from hub.load.errors import Reject

COLUMNS = ("file", "type", "line", "column", "value", "code", "reason")


class RejectFile:
    """A CSV file of rejects, made when there is a first one; an older one of that name goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, where: str, type_name: str, rejects: Iterable[Reject]) -> None:
        """Write rejects of a file's rows."""
        for reject in rejects:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open(
                    "w", encoding="utf-8", errors="backslashreplace", newline=""
                )
                self._writer = csv.writer(self._file, lineterminator="\n")
                self._writer.writerow(COLUMNS)
            self._writer.writerow((where, type_name, *reject))
            self.count += 1
        if self._file is not None:
            self._file.flush()
