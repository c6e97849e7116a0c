"""The operations seen, in PostgreSQL: normalised texts, and the counts of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from resolvers.stores.postgres import Postgres

RECORD = """
with seen as (
    select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::date[],
                         $6::bigint[], $7::timestamptz[], $8::timestamptz[])
        as s(hash, name, text, fields, day, times, first_seen, last_seen)
), known as (
    insert into operations (hash, name, text, fields, first_seen, last_seen)
    select hash, min(name), min(text), string_to_array(min(fields), E'\\n'),
           min(first_seen), max(last_seen)
    from seen group by hash order by hash
    on conflict (hash) do update
        set last_seen = greatest(operations.last_seen, excluded.last_seen)
)
insert into operation_days (hash, day, times)
select hash, day, sum(times) from seen group by hash, day order by hash, day
on conflict (hash, day) do update set times = operation_days.times + excluded.times"""

SEEN_SINCE = """
select o.hash, o.name, o.text, o.fields, o.last_seen, sum(d.times)::bigint as times
from operations o join operation_days d using (hash)
where o.last_seen >= $1 and d.day >= $2
group by o.hash
order by times desc, o.hash"""

FORGET_DAYS = "delete from operation_days where day < $1"
FORGET = "delete from operations where last_seen < $1"


@dataclass(frozen=True)
class Sighting:
    """How often one operation was seen on one day (UTC)."""

    hash: bytes
    name: str | None
    text: str
    fields: tuple[str, ...]
    day: date
    times: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class SeenOperation:
    """An operation with the number of times it was seen in the span asked for."""

    hash: bytes
    name: str | None
    text: str
    fields: tuple[str, ...]
    times: int
    last_seen: datetime


async def record(postgres: Postgres, sightings: Sequence[Sighting]) -> None:
    """Add sightings to the counts, in one statement."""
    await postgres.execute(
        RECORD,
        [s.hash for s in sightings],
        [s.name for s in sightings],
        [s.text for s in sightings],
        ["\n".join(s.fields) for s in sightings],
        [s.day for s in sightings],
        [s.times for s in sightings],
        [s.first_seen for s in sightings],
        [s.last_seen for s in sightings],
    )


async def seen_since(postgres: Postgres, since: datetime) -> list[SeenOperation]:
    """Operations seen since an instant, the most frequent first; days count whole."""
    rows = await postgres.fetch(SEEN_SINCE, since, since.date())
    return [
        SeenOperation(
            row["hash"],
            row["name"],
            row["text"],
            tuple(row["fields"]),
            row["times"],
            row["last_seen"],
        )
        for row in rows
    ]


async def forget(postgres: Postgres, before: datetime) -> None:
    """Remove counts of days before an instant, and operations not seen since."""
    await postgres.execute(FORGET_DAYS, before.date())
    await postgres.execute(FORGET, before)
