"""Pauses, replays, secrets, limits: what owners and the hub do to webhooks."""

from __future__ import annotations

from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from resolvers.errors import (
    BadInput,
    CursorExpired,
    MutationIdReused,
    NotFound,
    TooManyWebhooks,
)
from tests.integration.webhooks.conftest import ANNE, BEN, PARTITIONS, SECRET, STEWARD, Site
from tests.integration.webhooks.receiver import Answer, Got, check_order, receiving


async def test_parked_after_the_period_and_sent_again(site: Site) -> None:
    bad = {"status": 500}

    def answer(got: Got) -> Answer:
        poison = got.event[0] == "CAM1"
        return Answer(bad["status"]) if poison else Answer()

    service = site.service(first_pause=0.05, webhook_hours=0.5 / 3600)
    async with receiving(answer) as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        await site.fill(10, cameras=5)
        await site.until(row["id"], DELIVERED=8, PARKED=2)
        found = await service.commands.find(row["id"], ANNE)
        assert (found["pending"], found["parked"]) == (0, 2)
        ids = {got.id for got in receiver.got if got.status == 500}
        bad["status"] = 200
        _, unparked = await service.commands.replay(row["id"], None, ANNE)
        assert unparked == 2
        await site.until(row["id"], DELIVERED=10)
        assert {got.id for got in receiver.taken if got.event[0] == "CAM1"} == ids
        assert check_order(receiver.taken) == 0


async def test_replay_from_a_cursor(site: Site) -> None:
    service = site.service()
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        await site.fill(30)
        await site.until(row["id"], DELIVERED=30)
        first = list(receiver.got)
        cursor = next(
            got.message["data"]["cursor"]
            for got in first
            if got.message["data"]["event"]["attributes"]["number"] == 9
        )
        key = service.sender._opening.cursor_key
        topic_id, offsets = key.read(cursor, "events", 2)
        await service.commands.replay(row["id"], (topic_id, offsets), ANNE)
        await receiver.until(lambda: len(receiver.got) >= 50)
        await site.until(row["id"], DELIVERED=30)
        again = receiver.got[30:]
        assert len(again) == 20
        numbers = {got.message["data"]["event"]["attributes"]["number"] for got in again}
        assert numbers == set(range(10, 30))
        assert {got.id for got in again} <= {got.id for got in first}
        bodies = {got.id: got.body for got in first}
        assert all(bodies[got.id] == got.body for got in again)
        await site.postgres.execute("update event_positions set first_offset = 2 where epoch = 1")
        with pytest.raises(CursorExpired):
            await service.commands.replay(row["id"], (topic_id, [0] * PARTITIONS), ANNE)
        with pytest.raises(CursorExpired):
            await service.commands.replay(row["id"], ("another", offsets), ANNE)


async def test_both_secrets_sign_for_some_time(site: Site) -> None:
    service = site.service(webhook_overlap_hours=1.5 / 3600)
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url, "secret": SECRET}, ANNE)
        kept = (await site.row(row["id"]))["secret"]
        assert b"ABCDEFGH" not in bytes(kept)
        service.start()
        _, second = await service.commands.update({"id": row["id"], "rotateSecret": True}, ANNE)
        assert second is not None
        await site.postgres.execute(
            "update webhooks set old_secret_until = old_secret_until + interval '1 hour'"
        )
        await site.fill(1)
        await receiver.until(lambda: len(receiver.taken) >= 1)
        for secret in (SECRET, second):
            Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
        await site.postgres.execute(
            "update webhooks set old_secret_until = now(), revision = revision + 1"
        )
        await receiver.until(lambda: service.sender._webhooks[row["id"]].secrets().__len__() == 1)
        await site.fill(1)
        await receiver.until(lambda: len(receiver.taken) >= 2)
        Webhook(second).verify(receiver.got[1].body, receiver.got[1].headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(receiver.got[1].body, receiver.got[1].headers)


async def test_paused_and_taken_back_into_use_it_misses_nothing(site: Site) -> None:
    service = site.service()
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        await site.fill(10)
        await site.until(row["id"], DELIVERED=10)
        await service.commands.update({"id": row["id"], "state": "PAUSED"}, ANNE)
        await receiver.until(lambda: row["id"] not in service.sender._dispatchers)
        await site.fill(10)
        await service.commands.update({"id": row["id"], "state": "ACTIVE"}, ANNE)
        await site.until(row["id"], DELIVERED=20)
        assert len(receiver.got) == 20
        assert check_order(receiver.taken) == 0
        await service.commands.delete(row["id"], ANNE)
        assert await service.commands.find(row["id"], ANNE) is None
        assert await site.states(row["id"]) == {}


async def test_too_much_waiting_stops_there_and_loses_nothing(site: Site) -> None:
    up = {"status": 500}
    service = site.service(webhook_waiting=100, webhook_pause_minutes=0.5 / 60)
    async with receiving(lambda got: Answer(up["status"])) as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        for _ in range(3):
            await site.fill(500)
        await site.until_row(row["id"], lambda now: now["state"] == "PAUSED")
        assert "nothing is lost" in (await site.row(row["id"]))["reason"]
        waiting = (await site.states(row["id"]))["PENDING"]
        assert waiting <= 100 + 500
        up["status"] = 200
        await service.commands.update({"id": row["id"], "state": "ACTIVE"}, ANNE)
        await site.until(row["id"], DELIVERED=1500)
        assert check_order(receiver.taken) == 0
    print(f"stored 1500, waiting at most {waiting}, delivered 1500")


async def test_what_was_pruned_pauses_it(site: Site) -> None:
    service = site.service()
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        await site.fill(30, cameras=3)
        await site.postgres.execute("delete from event_versions where topic_offset < 10")
        await site.postgres.execute("update event_positions set first_offset = 10")
        service.start()
        await site.until_row(row["id"], lambda now: now["state"] == "PAUSED")
        assert "no longer kept" in (await site.row(row["id"]))["reason"]
        await service.commands.update({"id": row["id"], "state": "ACTIVE"}, ANNE)
        await site.until(row["id"], DELIVERED=15)


async def test_a_new_topic_follows_the_old_one(site: Site) -> None:
    service = site.service()
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        await site.fill(10)
        site.epoch, site.topic_id = 2, "topic-2"
        await site.begin_topic()
        await site.fill(10)
        service.start()
        await site.until(row["id"], DELIVERED=20)
        assert check_order(receiver.taken) == 0


async def test_two_processes_send_each_once(site: Site) -> None:
    first, second = site.service(), site.service()
    async with receiving() as receiver:
        row, _ = await first.commands.create({"url": receiver.url}, ANNE)
        first.start()
        second.start()
        await site.fill(50)
        await site.until(row["id"], DELIVERED=50)
        assert len(receiver.got) == 50
        leader = first if first.sender.leading else second
        assert first.sender.leading != second.sender.leading
        await leader.stop()
        await site.fill(50)
        await site.until(row["id"], DELIVERED=100)
        assert len(receiver.got) == 100


async def test_owners_limits_and_repeats(site: Site) -> None:
    service = site.service(webhooks_per_caller=2)
    commands = service.commands
    async with receiving() as receiver:
        given: dict[str, Any] = {"url": receiver.url, "clientMutationId": "one"}
        row, secret = await commands.create(given, ANNE)
        assert secret is not None
        assert (await commands.create(given, ANNE))[1] is None
        assert (await commands.create(given, BEN))[0]["id"] != row["id"]
        with pytest.raises(MutationIdReused):
            await commands.create(given | {"filter": {}}, ANNE)
        await commands.create({"url": receiver.url}, ANNE)
        with pytest.raises(TooManyWebhooks):
            await commands.create({"url": receiver.url}, ANNE)
        assert [len(await commands.visible(who)) for who in (ANNE, BEN, STEWARD)] == [2, 1, 3]
        for attempt in (
            commands.update({"id": row["id"], "state": "PAUSED"}, BEN),
            commands.delete(row["id"], BEN),
            commands.ping(row["id"], BEN),
            commands.replay(row["id"], None, BEN),
            commands.update({"id": "wh_none"}, STEWARD),
        ):
            with pytest.raises(NotFound):
                await attempt
        receiver.secrets = [secret]
        done = await commands.ping(row["id"], ANNE)
        assert (done.status, done.delivered) == (204, True)
        assert receiver.got[0].message["type"] == "city.hub.webhook.ping"
        receiver.answer = lambda got: Answer(302, {"Location": receiver.url})
        done = await commands.ping(row["id"], STEWARD)
        assert (done.status, done.delivered) == (302, False)
        for wrong in ({"state": "DISABLED"}, {"secret": "short"}, {"url": "gopher://x/"}):
            with pytest.raises(BadInput):
                await commands.update({"id": row["id"], **wrong}, ANNE)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://[::1]:8443/"]
)
async def test_nothing_private_unless_it_is_set(site: Site, url: str) -> None:
    service = site.service(webhook_private=False)
    with pytest.raises(BadInput):
        await service.commands.create({"url": url}, ANNE)


async def test_what_was_made_while_private_was_allowed_is_not_sent_to_after(site: Site) -> None:
    async with receiving() as receiver:
        row, _ = await site.service().commands.create({"url": receiver.url}, ANNE)
        service = site.service(webhook_private=False)
        await site.fill(1)
        service.start()
        await site.until_row(row["id"], lambda now: now["state"] == "PAUSED")
        assert receiver.got == []
