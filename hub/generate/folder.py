"""The folder `hub generate` writes: CSV and GeoJSON per type, and a manifest that names them."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shapely.geometry import mapping

from hub.generate.divisions import Place

GENERATED = "generated"
"""The source of every made-up record."""


class Folder:
    """Writes files that appear whole or not at all; counts their records."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        path.mkdir(parents=True, exist_ok=True)

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a CSV file in UTF-8 with a header."""
        with self._open(name) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            written = 0
            for row in rows:
                writer.writerow(row)
                written += 1
        self.counts[name] = written

    def places(
        self,
        name: str,
        places: Iterable[Place],
        source: str,
        flags: Sequence[str],
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Write divisions as a GeoJSON FeatureCollection, one feature a line."""
        with self._open(name) as file:
            file.write('{"type": "FeatureCollection", "features": [')
            written = 0
            for place in places:
                file.write(",\n" if written else "\n")
                file.write(json.dumps(_feature(place, source, flags, extra), ensure_ascii=False))
                written += 1
            file.write("\n]}\n")
        self.counts[name] = written

    def text(self, name: str, text: str) -> None:
        with self._open(name) as file:
            file.write(text)

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[str]]:
        part = self.path / f".{name}.part"
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        os.replace(part, self.path / name)


def _feature(
    place: Place, source: str, flags: Sequence[str], extra: dict[str, Any] | None
) -> dict[str, Any]:
    properties: dict[str, Any] = {"code": place.code, "name": place.name, "parent": place.parent}
    centre = place.centre
    if centre is not None:
        properties["longitude"], properties["latitude"] = centre
    properties |= {"source": source, "flags": list(flags), **(extra or {})}
    geometry = None if place.boundary is None else mapping(place.boundary)
    return {"type": "Feature", "properties": properties, "geometry": geometry}
