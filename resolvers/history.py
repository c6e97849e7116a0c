"""The history of records, read from their versions in the change log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from resolvers.document import instant_text, told
from resolvers.stores.postgres import Postgres

HISTORY = """
select k.n, v.from_position, v.version, v.operation, v.recorded_at,
       s.actor, s.source, s.reason,
       b.fields as fields_before, b.edges as edges_before,
       v.fields as fields_after, v.edges as edges_after
from unnest($1::text[], $2::text[], $3::int[], $4::int[]) with ordinality
     as k(type, code, first, below, n)
cross join lateral (
    select * from entity_versions e
    where e.type = k.type and e.code = k.code and (k.below is null or e.version < k.below)
    order by e.version desc limit k.first
) v
join change_sets s on s.position = v.from_position
left join entity_versions b
    on b.type = k.type and b.code = k.code and b.version = v.version - 1
order by k.n, v.version desc"""
"""The latest versions of the records ($1, $2), $3 of each, below version $4 where it is given."""


class Asked(NamedTuple):
    """Which changes of which record: the newest `first`, of those below version `below`."""

    type: str
    code: str
    first: int
    below: int | None = None


async def history(postgres: Postgres, asked: Iterable[Asked]) -> dict[Asked, list[dict[str, Any]]]:
    """The changes asked for, newest first, all in one statement.

    Each change is a dict with `position`, `version`, `operation`, `recordedAt`, `actor`,
    `source`, `reason`, `before` and `after`; the last two hold `fields` and `edges` by the names
    the API has for them, and `before` is None for a first version. A key that was never used gets
    an empty list.
    """
    listed = list(dict.fromkeys(asked))
    found: dict[Asked, list[dict[str, Any]]] = {each: [] for each in listed}
    columns = [list(column) for column in zip(*listed, strict=True)] or [[], [], [], []]
    for row in await postgres.fetch(HISTORY, *columns):
        before = None
        if row["fields_before"] is not None:
            before = told(row["fields_before"], row["edges_before"])
        found[listed[row["n"] - 1]].append(
            {
                "position": row["from_position"],
                "version": row["version"],
                "operation": row["operation"],
                "recordedAt": instant_text(row["recorded_at"]),
                "actor": row["actor"],
                "source": row["source"],
                "reason": row["reason"],
                "before": before,
                "after": told(row["fields_after"], row["edges_after"]),
            }
        )
    return found
