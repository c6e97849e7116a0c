"""What must have come of a feed: stored versions against what was acknowledged, and what each
subscriber got against its filter, tried in Python on every stored version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import orjson

from resolvers.events import EVENT
from resolvers.params import Binding
from resolvers.row_matching import Predicate, predicate
from resolvers.stores.postgres import Postgres
from tests.survival.feed import Feed
from tests.survival.subscribers import Subscriber

PAGE = 20_000
WINDOW = """
select partition, topic_offset, id, version, camera, doc::text as doc from event_versions
where epoch = $1 and partition = $2 and topic_offset >= $3 order by topic_offset limit $4"""

Version = tuple[str, int]


@dataclass
class Tally:
    """What is printed after each fault; all after `delivered` must be 0."""

    sent: int = 0
    accepted: int = 0
    stored: int = 0
    delivered: int = 0
    expected: int = 0
    unstored: int = 0
    """Accepted, but no version of it; or versions that nobody accounts for."""
    lost: int = 0
    repeated: int = 0
    unasked: int = 0
    """Delivered without matching, or with the wrong `left`."""
    disordered: int = 0
    backward: int = 0
    """Cursors that lay before the one of the message before."""

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in asdict(self).items())

    @property
    def wrong(self) -> dict[str, int]:
        """The numbers that should be 0 and are not."""
        names = ("unstored", "lost", "repeated", "unasked", "disordered", "backward")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass
class Stored:
    """Versions stored since a vector."""

    places: dict[Version, tuple[str, int]]
    """By version: its camera and offset."""
    versions: dict[str, list[int]]
    odd: int
    """Versions that are not the detection of the same number, or recorded before the last one."""
    due: list[dict[Version, bool]]
    """For each filter: what matches it, with `left`."""


async def stored_since(
    postgres: Postgres, epoch: int, since: Sequence[int], filters: Sequence[Any]
) -> Stored:
    """Read the versions from these offsets on, and try every filter on each."""
    tests = [predicate(EVENT, given, cast(Binding, None)) for given in filters]
    found = Stored({}, {}, 0, [{} for _ in tests])
    recorded: dict[str, str] = {}
    for partition, first in enumerate(since):
        at = first
        while rows := await postgres.fetch(WINDOW, epoch, partition, at, PAGE):
            at = rows[-1]["topic_offset"] + 1
            for row in rows:
                doc = orjson.loads(row["doc"])
                version = (row["id"], row["version"])
                found.places[version] = row["camera"], row["topic_offset"]
                found.versions.setdefault(row["id"], []).append(row["version"])
                found.odd += doc["attributes"].get("n") != row["version"]
                found.odd += doc["recordedAt"] < recorded.get(row["id"], "")
                recorded[row["id"]] = doc["recordedAt"]
                for test, due in zip(tests, found.due, strict=True):
                    left = concerns(test, doc)
                    if left is not None:
                        due[version] = left
    return found


def concerns(test: Predicate, doc: Mapping[str, Any]) -> bool | None:
    """Whether a version matches now (False), or only its predecessor did (True: it left)."""
    if test(doc):
        return False
    before = doc["before"]
    return True if before is not None and test({**doc, **before}) else None


def judge(feed: Feed, subscribers: Sequence[Subscriber], stored: Stored) -> Tally:
    """Compare; prints what each subscriber got."""
    tally = Tally(feed.counts.sent, feed.counts.accepted, sum(map(len, stored.versions.values())))
    for event in feed.accepted.keys() | stored.versions.keys():
        wanted = list(range(1, feed.accepted.get(event, 0) + 1))
        tally.unstored += wanted != stored.versions.get(event, [])
    tally.unstored += stored.odd
    for subscriber, due in zip(subscribers, stored.due, strict=True):
        _compare(subscriber, due, stored, tally)
    return tally


def _compare(
    subscriber: Subscriber, due: Mapping[Version, bool], stored: Stored, tally: Tally
) -> None:
    got = subscriber.got
    once = {(event, version): left for event, version, left in got}
    lost = due.keys() - once.keys()
    unasked = sum(due.get(version) is not left for version, left in once.items())
    reached: dict[str, int] = {}
    disordered = 0
    for event, version, _ in got:
        camera, offset = stored.places.get((event, version), ("", 0))
        disordered += offset < reached.get(camera, -1)
        reached[camera] = max(offset, reached.get(camera, -1))
    print(
        f"  {subscriber.name}: expected={len(due)} delivered={len(got)} lost={len(lost)} "
        f"repeated={len(got) - len(once)} unasked={unasked} disordered={disordered} "
        f"connections={subscriber.connections} left={sum(left for *_, left in got)} "
        f"backward={subscriber.went_back}"
    )
    if lost:
        print("   lost:", sorted((*stored.places[v], *v) for v in lost)[:10])
    tally.delivered += len(got)
    tally.expected += len(due)
    tally.lost += len(lost)
    tally.repeated += len(got) - len(once)
    tally.unasked += unasked
    tally.disordered += disordered
    tally.backward += subscriber.went_back
