"""A partition in which nothing happens any more keeps nobody from resuming."""

from __future__ import annotations

from datetime import timedelta

from resolvers.stores.kafka import partition_of
from tests.events_for_tests import BEGAN, CAMERAS, camera, seen
from tests.survival.subscribers import SocketSubscriber
from tests.survival.town import PARTITIONS, Town

FEW = 5
SECONDS = 25.0
"""Less than a stream waits for a store before it ends."""


async def test_resuming_from_before_the_last_of_a_quiet_partition(town: Town) -> None:
    """Its last version lies in PostgreSQL only, and a transaction's marker after it."""
    in_memory = int(town.apis[1].setting("HUB_STREAM_LOG_EVENTS"))
    token = f"Bearer {town.token}"

    def subscriber(cursor: str | None) -> SocketSubscriber:
        made = SocketSubscriber("late", town.urls[1:], token, None, 1)
        made.cursor = cursor
        made.start()
        return made

    first = subscriber(None)
    await town.until(lambda: first.cursor is not None)
    await first.end()
    quiet, busy = (
        [camera(i) for i in range(CAMERAS) if partition_of(camera(i), PARTITIONS) == p]
        for p in (0, 1)
    )
    began = [BEGAN - timedelta(days=2, minutes=n) for n in range(in_memory + 50)]
    await town.stores.send([seen(quiet[0], each) for each in began[:FEW]])
    await town.stores.settled()
    await town.stores.send([seen(busy[0], each) for each in began])
    await town.stores.settled()
    due = FEW + len(began)
    live, late = subscriber(None), subscriber(first.cursor)

    def is_live() -> bool:
        """Heartbeats of streams that are live tell where the log stands."""
        return live.cursor is not None and late.offsets == live.offsets

    try:
        await town.until(is_live, SECONDS)
    finally:
        await live.end()
        await late.end()
        print(f"due={due} delivered={len(late.got)} repeated={len(late.got) - len(set(late.got))}")
        print(f"live at {live.offsets}, late at {late.offsets}")
    assert len(late.got) == len(set(late.got)) == due
