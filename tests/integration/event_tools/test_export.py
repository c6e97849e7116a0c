"""Events in files: typed, streamed, whole or not at all."""

from __future__ import annotations

import asyncio
import json
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.event_tools.event_columns import COLUMNS, SCHEMA
from schema.wire import Event
from tests.integration.event_tools.conftest import Site, event, store

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def fill(site: Site, count: int) -> list[dict[str, Any]]:
    docs = [event(n, BEGAN + timedelta(minutes=n)) for n in range(count)]
    await store(site, [(n % 3, n, doc) for n, doc in enumerate(docs)])
    return docs


def test_each_field_has_a_column() -> None:
    fields = {field.alias or name for name, field in Event.model_fields.items()} - {"position"}

    shown = {field for _, field, _ in COLUMNS.values() if not field.startswith("position.")}
    assert shown == fields


async def test_parquet(site: Site, tmp_path: Path) -> None:
    docs = await fill(site, 300)
    out = tmp_path / "events.parquet"
    given = ("export", "--from", "2026-03-01T01:00:00Z", "--to", "2026-03-01T03:00:00Z")
    told = await site.run(*given, "--out", out, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["events"] == 120
    assert names(tmp_path) == ["events.parquet"]
    table = pq.read_table(out)
    assert table.schema.equals(SCHEMA)
    rows = table.to_pylist()
    wanted = docs[61:181]  # opened a minute before they were recorded
    assert [row["id"] for row in rows] == [doc["id"] for doc in wanted]
    row, doc = rows[0], wanted[0]
    assert row["opened_at"] == datetime.fromisoformat(doc["openedAt"])
    assert json.loads(row["attributes"]) == doc["attributes"]
    assert (row["longitude"], row["latitude"]) == (120.25, 36.0625)
    assert row["path"] == ["D1", "S1", "G1"]
    assert row["evidence"][0]["media_type"] == "video/mp4"
    assert row["zone"] == doc["zone"]
    assert row["before"] is None


async def test_json_lines_and_versions(site: Site, tmp_path: Path) -> None:
    docs = await fill(site, 50)
    out = tmp_path / "events.jsonl"
    told = await site.run("export", "--versions", "--out", out)
    assert told.returncode == 0, told.stderr
    assert "50 versions in" in told.stdout
    assert [orjson.loads(line) for line in out.read_bytes().splitlines()] == docs
    told = await site.run("export", "--from", "2027-01-01", "--out", tmp_path / "none.parquet")
    assert told.returncode == 0, told.stderr
    empty = pq.read_table(tmp_path / "none.parquet")
    assert (empty.num_rows, empty.schema) == (0, SCHEMA)
    assert isinstance(empty.schema.field("opened_at").type, pa.TimestampType)


async def test_a_date_begins_in_the_districts_time_zone(site: Site, tmp_path: Path) -> None:
    await fill(site, 2_000)
    out = tmp_path / "day.jsonl"
    told = await site.run("export", "--from", "2026-03-02", "--out", out, "--json")
    first = orjson.loads(out.read_bytes().splitlines()[0])
    assert first["openedAt"] == "2026-03-01T16:00:00.000000Z", told.stderr


@pytest.mark.parametrize("name", ["events.parquet", "events.jsonl"])
async def test_a_full_disk(site: Site, tmp_path: Path, name: str) -> None:
    await fill(site, 2_000)
    out = tmp_path / name
    out.write_bytes(b"the one before")

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    told = await site.run("export", "--out", out, preexec_fn=little_room)
    assert told.returncode == 1
    assert "could not be written: File too large" in told.stderr
    assert "Traceback" not in told.stderr
    assert names(tmp_path) == [name]
    assert out.read_bytes() == b"the one before"


async def test_a_folder_that_is_not_there(site: Site, tmp_path: Path) -> None:
    told = await site.run("export", "--out", tmp_path / "no" / "such.parquet")
    assert (told.returncode, "could not be written" in told.stderr) == (1, True)


async def test_memory_does_not_grow_with_the_events(
    site: Site, tmp_path: Path, full_scale: bool
) -> None:

    few, many = 5_000, 400_000 if full_scale else 40_000
    peaks = {}
    for count, until in ((few, few), (many, many)):
        if count == few:
            await fill(site, few)
        else:
            await site.fetch(
                "insert into events select id || '-' || i, version, type, phase, status, camera, "
                "grid, venue, firm, path, zone, longitude, latitude, opened_at, updated_at, "
                "closed_at, recorded_at, confidence, verdict, reviewed_by, reviewed_at, rule, "
                "source, doc from events, generate_series(2, $1::int) as i",
                many // few,
            )
        out = tmp_path / f"{count}.parquet"
        running = asyncio.create_task(site.run("export", "--out", out, "--json"))
        peaks[count] = 0
        me = psutil.Process()
        while not running.done():
            for child in me.children():
                try:
                    if "export" in child.cmdline():
                        peaks[count] = max(peaks[count], child.memory_info().rss)
                except psutil.Error:
                    pass
            await asyncio.sleep(0.02)
        told = await running
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["events"] == until
    print(f"peak of {few}: {peaks[few] / 1e6:.0f} MB, of {many}: {peaks[many] / 1e6:.0f} MB")
    assert peaks[many] < peaks[few] + 60_000_000
