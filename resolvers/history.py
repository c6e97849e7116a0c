"""The history of records, read from their versions in the change log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resolvers.document import instant_text
from resolvers.stores.postgres import Postgres

HISTORY = """
select k.type, k.code, v.from_position, v.version, v.operation, v.recorded_at,
       s.actor, s.source, s.reason,
       b.fields as fields_before, b.edges as edges_before,
       v.fields as fields_after, v.edges as edges_after
from unnest($1::text[], $2::text[]) with ordinality as k(type, code, n)
cross join lateral (
    select * from entity_versions e
    where e.type = k.type and e.code = k.code and ($4::int is null or e.version < $4)
    order by e.version desc limit $3
) v
join change_sets s on s.position = v.from_position
left join entity_versions b
    on b.type = k.type and b.code = k.code and b.version = v.version - 1
order by k.n, v.version desc"""
"""The latest versions ($3 of each, below version $4) of the records ($1, $2)."""


async def history(
    postgres: Postgres,
    keys: Iterable[tuple[str, str]],
    first: int,
    after_version: int | None = None,
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Up to `first` changes of each (type, code), newest first, in one statement.

    `after_version` goes on below a version seen before. Each change is a dict with `position`,
    `version`, `operation`, `recordedAt`, `actor`, `source`, `reason`, `before` and `after`; the
    last two hold `fields` and `edges`, and `before` is None for a first version. A key that was
    never used gets an empty list.
    """
    listed = list(dict.fromkeys(keys))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {key: [] for key in listed}
    rows = await postgres.fetch(
        HISTORY, [k[0] for k in listed], [k[1] for k in listed], first, after_version
    )
    for row in rows:
        before = None
        if row["fields_before"] is not None:
            before = {"fields": row["fields_before"], "edges": row["edges_before"]}
        found[row["type"], row["code"]].append(
            {
                "position": row["from_position"],
                "version": row["version"],
                "operation": row["operation"],
                "recordedAt": instant_text(row["recorded_at"]),
                "actor": row["actor"],
                "source": row["source"],
                "reason": row["reason"],
                "before": before,
                "after": {"fields": row["fields_after"], "edges": row["edges_after"]},
            }
        )
    return found
