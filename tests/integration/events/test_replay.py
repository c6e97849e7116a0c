"""Reading stored versions again: all of them, or those that hold a text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest

from resolvers.stores import event_replay
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import ensure_epoch
from resolvers.stores.event_replay import kept, replay, replay_holding
from resolvers.stores.postgres import Postgres
from tests.contract.streams.stage import BEGAN
from tests.events_for_tests import event_stores

PARTITIONS = 3
STORED = 500
GAP = 7
"""Offsets between two versions: markers of transactions lie there."""

INSERT = """
insert into event_versions (epoch, partition, topic_offset, recorded_at, id, version, camera, type,
                            doc)
values ($1, $2, $3, $4, $5, 1, $6, 'GARBAGE_PILE', $7)"""


async def _fill(postgres: Postgres, epoch: int) -> None:
    await postgres.fetch("select event_month($1)", BEGAN)
    async with postgres.acquire() as connection:
        for number in range(STORED):
            camera = f"camera{number % 50}"
            doc = orjson.dumps({"id": f"e{number}", "camera": camera}).decode()
            at = BEGAN + timedelta(milliseconds=number)
            place = (epoch, number % PARTITIONS, number // PARTITIONS * GAP)
            await connection.execute(INSERT, *place, at, f"e{number}", camera, doc)
        await connection.execute(
            "update event_positions set next_offset = $2 where epoch = $1", epoch, STORED * GAP
        )


@pytest.mark.parametrize(
    ("parts", "since", "window"),
    [
        (['"camera7"'], (0, 0, 0), 100),
        (['"camera7"', '"camera8"'], (70, 0, 700), 10),
        (['"nowhere"'], (0, 0, 0), 1_000),
        ([], (0, 70, 0), 100),
    ],
)
async def test_what_holds_a_text(
    fresh_stores: StoreAddresses,
    monkeypatch: pytest.MonkeyPatch,
    parts: Sequence[str],
    since: tuple[int, ...],
    window: int,
) -> None:
    monkeypatch.setattr(event_replay, "WINDOW", window)
    async with event_stores(fresh_stores, partitions=PARTITIONS, cameras=10) as stores:
        epoch = await ensure_epoch(stores.postgres, stores.prefix, PARTITIONS)
        await _fill(stores.postgres, epoch.number)
        stored = await kept(stores.postgres, stores.prefix)
        assert stored is not None
        everything = [
            each async for page in replay(stores.postgres, stored, since, 60) for each in page
        ]
        wanted = [each for each in everything if not parts or any(p in each.doc for p in parts)]
        found, reached = [], list(since)
        async for page in replay_holding(stores.postgres, stored, since, 60, parts):
            for each in page.versions:
                assert reached[each.partition] <= each.offset < page.reached[each.partition]
            found += page.versions
            assert all(a <= b for a, b in zip(reached, page.reached, strict=True))
            reached = list(page.reached)
        assert found == wanted
        assert tuple(reached) == stored.next
        print(f"{len(everything)} stored from there on, {len(found)} hold {parts}")
