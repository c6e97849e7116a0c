"""`hub ingest` as processes, over real engines: each accepted message makes one version, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.event_log import stored_vector
from resolvers.stores.kafka import partition_of
from resolvers.stores.topics import topic_id
from tests.events_for_tests import (
    BEGAN,
    EventStores,
    camera,
    event_of,
    event_stores,
    gone,
    review,
    seen,
    until,
    versions_of,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores) as made:
        yield made


def episodes(day: int, cameras: int, observations: int) -> list[dict[str, Any]]:
    """One episode on each camera, told in turns: seen so often, then gone. All are accepted."""
    began = BEGAN + timedelta(days=-day)
    turns = [[seen(camera(i), began, after=n) for i in range(cameras)] for n in range(observations)]
    turns.append([gone(camera(i), began, after=observations + 1) for i in range(cameras)])
    return [each for turn in turns for each in turn]


async def versions(stores: EventStores, day: int) -> dict[str, list[int]]:
    """The versions on the topic, by event, of the episodes that began on a day."""
    began = (BEGAN + timedelta(days=-day)).strftime("%Y-%m-%dT%H")
    documents = await stores.documents(stores.names.events)
    return versions_of([each for each in documents if each["openedAt"].startswith(began)])


def check(found: dict[str, list[int]], events: int, each: int) -> None:
    """Every event has each version once, in order."""
    made = sum(len(numbers) for numbers in found.values())
    odd = [numbers for numbers in found.values() if numbers != list(range(1, each + 1))]
    print(f"expected={events * each} versions={made} events={len(found)} odd={len(odd)}")
    assert len(found) == events
    assert odd == []


async def test_detections_become_events(stores: EventStores) -> None:
    sent = episodes(0, 60, 3)
    repeated = sent[:60] + sent[60:90]
    with stores.ingest() as process:
        await stores.send(sent)
        await stores.send(repeated)
        await stores.send_reviews([review(sent[0]), review(sent[0])])
        await stores.settled()
        counts = process.stop()
    print(counts)
    assert counts["read"] == len(sent) + len(repeated) + 2
    assert counts["accepted"] == len(sent) + 1
    assert counts["duplicates"] == len(repeated) + 1
    tally = await stores.tally()
    assert tally == {"stored": 241, "different": 241, "events": 60, "gaps": 0}
    found = await stores.events()
    first = found[event_of(sent[0])]
    assert (first["version"], first["verdict"], first["observations"]) == (5, "CONFIRMED", 3)
    assert first["path"] == ["370202", "370202001", "370202001001", first["grid"]]
    watching = found[event_of(sent[1])]
    assert (watching["venue"], watching["firm"] is not None) == ("V1", True)


async def test_the_vector_names_the_topic(stores: EventStores) -> None:
    vector = await stored_vector(stores.postgres)
    assert vector is not None
    assert vector.topic_id == await topic_id(stores.at, stores.names.events)
    latest = dict.fromkeys(range(stores.partitions), 0)
    for record in await stores.read(stores.names.events):
        latest[record.partition] = record.offset + 1
    assert vector.offsets == tuple(latest.values())


async def test_poison_does_not_stop_the_rest(stores: EventStores) -> None:
    code = camera(7)
    key = code.encode()
    poison = [
        (key, b"{"),
        (key, b"\xff\xfe\x00"),
        (key, b"x" * 200_000),
        (b"\xff", b"{}"),
        (camera(8).encode(), b'{"camera": null}'),
    ]
    began = BEGAN + timedelta(days=-1)
    good = [seen(code, began, after=n) for n in range(5)]
    with stores.ingest() as process:
        for n, pair in enumerate(poison):
            await stores.send([good[n]])
            await stores.send_raw(stores.names.detections, [pair])
        await stores.send([seen("37020200001320999999", began), gone(camera(9), began)])
        await stores.send([seen(code, began, after=9, venue="nowhere")])
        await stores.send_raw(stores.names.reviews, [(key, b"{}")])
        await stores.send_reviews([review(seen(code, began + timedelta(hours=9)))])
        # a producer with another partitioner
        wrong = (partition_of(code, stores.partitions) + 1) % stores.partitions
        other = next(i for i in range(60) if partition_of(camera(i), stores.partitions) == wrong)
        await stores.send_raw(
            stores.names.detections,
            [(camera(other).encode(), b'{"key":"12345678"}')],
        )
        await stores.settled()
        counts = process.stop()
    letters = await stores.documents(stores.names.dead)
    print(counts, *(each["reason"] for each in letters), sep="\n")
    assert counts["dead"] == len(letters) == 11
    assert counts["accepted"] == 5
    assert {each["encoding"] for each in letters} == {"utf-8", "base64"}
    check(await versions(stores, 1), 1, 5)


async def test_a_killed_process_loses_and_repeats_nothing(stores: EventStores) -> None:
    sent = episodes(2, 60, 29)
    for n in range(3):
        with stores.ingest(HUB_EVENT_BATCH="50") as process:
            part = sent[n * 600 : (n + 1) * 600]
            await stores.send(part)
            await until(lambda process=process: _said(process, "partition taken", 4))
            await asyncio.sleep(0.1 * n)
            process.kill()
    with stores.ingest() as process:
        await stores.settled()
        process.stop()
    check(await versions(stores, 2), 60, 30)
    tally = await stores.tally()
    assert tally["gaps"] == 0
    assert tally["stored"] == tally["different"] == len(await stores.read(stores.names.events))


async def test_two_processes_share_and_one_may_end(stores: EventStores) -> None:
    sent = episodes(3, 60, 9)
    with stores.ingest() as one:
        await stores.send(sent[:200])
        with stores.ingest() as two:
            await until(lambda: _said(two, "partition taken", 2))
            await stores.send(sent[200:400])
            await stores.settled()
            counts = two.stop()
        print(counts)
        assert counts["accepted"] > 0
        await stores.send(sent[400:])
        await stores.settled()
        counts = one.stop()
        print(counts)
    check(await versions(stores, 3), 60, 10)


async def test_a_stalled_process_is_fenced(stores: EventStores) -> None:
    """SIGSTOP past the session's end; another does the work; then SIGCONT."""
    sent = episodes(4, 60, 9)
    with stores.ingest(HUB_EVENT_BATCH="20") as one:
        await until(lambda: _said(one, "partition taken", 4))
        await stores.send(sent[:300])
        await asyncio.sleep(0.05)
        one.pause()
        with stores.ingest() as two:
            await until(lambda: _said(two, "partition taken", 4))
            await stores.send(sent[300:])
            await stores.settled()
            one.resume()
            await until(lambda: _said(one, "partitions given", 2))
            await stores.send(episodes(5, 60, 1))
            await stores.settled()
            print(one.stop(), two.stop())
    check(await versions(stores, 4), 60, 10)
    check(await versions(stores, 5), 60, 2)


async def _said(process: Any, word: str, times: int) -> bool:
    return bool(process.said(word) >= times)


async def test_what_was_forgotten_is_found_again(stores: EventStores) -> None:
    """Closed events leave the memory as soon as PostgreSQL has them; repeats still make nothing,
    and a review finds its event."""
    sent = episodes(6, 60, 2)
    settings = {"HUB_EVENT_MEMORY": "0", "HUB_EVENT_MEMORY_HOURS": "0"}
    with stores.ingest(**settings) as process:
        await stores.send(sent)
        await stores.settled()
        process.stop()
    with stores.ingest(**settings) as process:
        await until(lambda: _no_state(stores))
        own = [each | {"key": "vendor-key-1"} for each in sent if each["camera"] == camera(3)]
        await stores.send(sent + own)
        await stores.send_reviews([review(sent[0])])
        await stores.settled()
        await until(lambda: _no_state(stores))
        await stores.send(own)
        await stores.settled()
        counts = process.stop()
    print(counts)
    assert counts["duplicates"] == len(sent) + len(own)
    assert counts["accepted"] == 1 + len(own)
    assert (await stores.events())[event_of(sent[0])]["verdict"] == "CONFIRMED"


async def _no_state(stores: EventStores) -> bool:
    """Whether the topic of open events holds no closed event any more."""
    latest: dict[tuple[int, bytes | None], bytes] = {}
    for record in await stores.read(stores.names.open_events):
        latest[record.partition, record.key] = record.value or b""
    return not any(b'"status":"CLOSED"' in value for value in latest.values())


async def test_silence_closes_events(stores: EventStores) -> None:
    began = BEGAN + timedelta(days=-7)
    with stores.ingest(HUB_EVENT_SILENT_MINUTES="0.02") as process:
        await stores.send([seen(camera(1), began), seen(camera(1), began, after=3)])
        await stores.settled()
        await until(lambda: _closed(stores, event_of(seen(camera(1), began))))
        counts = process.stop()
    assert counts["silent"] >= 1
    check(await versions(stores, 7), 1, 3)


async def test_late_detections_after_silence_and_after_the_end(stores: EventStores) -> None:
    """Of an event that the hub closed for its silence, and then forgot."""
    began = BEGAN + timedelta(days=-8)
    sent = [seen(camera(1), began), seen(camera(1), began, after=3)]
    event = event_of(sent[0])
    forgetful = {"HUB_EVENT_MEMORY": "0", "HUB_EVENT_MEMORY_HOURS": "0"}
    with stores.ingest(HUB_EVENT_SILENT_MINUTES="0.02", **forgetful) as process:
        await stores.send(sent)
        await stores.settled()
        await until(lambda: _closed(stores, event))
        await until(lambda: _no_state(stores))
        process.stop()
    with stores.ingest(**forgetful) as process:
        await stores.send([*sent, seen(camera(1), began, after=9)])
        await stores.settled()
        reopened = (await stores.events())[event]
        await stores.send([gone(camera(1), began, after=20)])
        await stores.settled()
        await until(lambda: _no_state(stores))
        await stores.send([*sent, gone(camera(1), began, after=20)])
        await stores.send([seen(camera(1), began, after=30), gone(camera(1), began, after=40)])
        await stores.settled()
        counts = process.stop()
    print(counts)
    assert (reopened["version"], reopened["phase"], reopened["status"]) == (4, "UPDATED", "OPEN")
    assert (reopened["closedAt"], reopened["before"]["status"]) == (None, "CLOSED")
    assert (counts["accepted"], counts["duplicates"], counts["dead"]) == (2, 5, 2)
    closed = (await stores.events())[event]
    assert closed["closedAt"] == (began + timedelta(seconds=20)).strftime(
        "%Y-%m-%dT%H:%M:%S.000000Z"
    )
    check(await versions(stores, 8), 1, 5)
    reasons = [each["reason"] for each in await stores.documents(stores.names.dead)]
    assert sum("another startedAt" in each for each in reasons) == 2


async def _closed(stores: EventStores, event: str) -> bool:
    return bool((await stores.events())[event]["status"] == "CLOSED")
