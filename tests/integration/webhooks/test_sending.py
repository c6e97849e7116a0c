"""What receivers get: everything that matches, in order per camera, whatever they answer."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.integration.webhooks.conftest import ANNE, SECRET, Site
from tests.integration.webhooks.receiver import Answer, Got, check_order, receiving


async def test_everything_once_in_order_and_signed(site: Site) -> None:
    await site.fill(7)  # stored before: not sent
    service = site.service()
    async with receiving() as receiver:
        receiver.secrets = [SECRET]
        row, shown = await service.commands.create({"url": receiver.url, "secret": SECRET}, ANNE)
        assert shown is None
        await site.fill(60)
        service.start()
        await receiver.until(lambda: len(receiver.taken) >= 30)
        await site.fill(40)
        await receiver.until(lambda: len(receiver.taken) >= 100)
        await receiver.until(lambda: service.sender.leading)
        assert len(receiver.got) == 100
        assert check_order(receiver.taken) == 0
        first = receiver.got[0]
        assert first.path == "POST /hook?of=tests HTTP/1.1"
        assert first.headers["content-type"].startswith("application/cloudevents+json")
        message = first.message
        camera, event, version = first.event
        assert message["id"] == f"{event}/{version}"
        assert (message["subject"], message["type"]) == (camera, "city.hub.event.updated")
        assert message["specversion"] == "1.0"
        assert message["data"]["left"] is False
        assert "reviewId" not in message["data"]["event"]
        place = service.sender._opening.cursor_key.read(message["data"]["cursor"], "events", 2)
        assert place[0] == site.topic_id
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 43 + "=").verify(first.body, first.headers)
    await site.until(row["id"], DELIVERED=100)
    print("sent 100, delivered 100, repeated 0, out of order 0")


async def test_a_filter_and_what_leaves_it(site: Site) -> None:
    service = site.service()
    async with receiving() as receiver:
        given = {"url": receiver.url, "filter": {"status": {"eq": "OPEN"}, "within": ["G1"]}}
        await service.commands.create(given, ANNE)
        await site.fill(5)
        await site.fill(5, status="CLOSED", phase="CLOSED", before={"status": "OPEN"})
        await site.fill(5, status="CLOSED", before={"confidence": 0.1})
        await site.fill(5, path=["D1", "G2"])
        service.start()
        await receiver.until(lambda: len(receiver.taken) >= 10)
        await site.fill(1)
        await receiver.until(lambda: len(receiver.taken) >= 11)
        left = Counter(got.message["data"]["left"] for got in receiver.got)
        assert left == {False: 6, True: 5}
        types = {got.message["type"] for got in receiver.got if got.message["data"]["left"]}
        assert types == {"city.hub.event.closed"}


async def test_order_holds_while_attempts_fail(site: Site) -> None:
    tries: Counter[str] = Counter()

    def answer(got: Got) -> Answer:
        tries[got.id] += 1
        number = got.message["data"]["event"]["attributes"]["number"]
        if number % 7 == 3 and tries[got.id] <= 2:
            return Answer(500)
        return Answer(200, body=b"x" * 10_000) if number % 5 == 0 else Answer()

    service = site.service(first_pause=0.02)
    async with receiving(answer) as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        await site.fill(100, cameras=10)
        service.start()
        await receiver.until(lambda: len(receiver.taken) >= 100)
        assert check_order(receiver.taken) == 0
        failed = len(receiver.got) - 100
        assert failed == 2 * len([n for n in range(100) if n % 7 == 3])
    await site.until(row["id"], DELIVERED=100)
    log = await service.commands.log(row["id"], None, None, 500)
    assert {each["attempts"] for each in log} == {1, 3}
    print(f"sent {len(receiver.got)}, delivered 100, failed {failed}, out of order 0")


async def test_a_receiver_that_is_down_gets_all_when_it_is_back(site: Site) -> None:
    service = site.service(first_pause=0.05)
    async with receiving() as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        await site.fill(20)
        await receiver.until(lambda: len(receiver.taken) >= 20)
        await receiver.down()
        await site.fill(30)
        await receiver.until(lambda: service.sender._webhooks[row["id"]].waiting >= 30)
        await site.until_row(row["id"], lambda now: now["failing_since"] is not None)
        await receiver.up()
        await receiver.until(lambda: len(receiver.taken) >= 50)
        assert check_order(receiver.taken) == 0
        assert len({got.id for got in receiver.taken}) == 50
    await site.until_row(row["id"], lambda now: now["failing_since"] is None)


async def test_a_slow_receiver_holds_nobody_up(site: Site) -> None:
    service = site.service()
    async with (
        receiving(lambda got: Answer(delay=1.0)) as slow,
        receiving() as fast,
    ):
        await service.commands.create({"url": slow.url}, ANNE)
        await service.commands.create({"url": fast.url}, ANNE)
        await site.fill(200, cameras=20)
        service.start()
        await fast.until(lambda: len(fast.taken) >= 200)
        assert len(slow.taken) < 100
        assert slow.most_at_once <= 8
        print(f"fast 200, slow meanwhile {len(slow.taken)}")


async def test_410_disables_and_redirects_are_not_followed(site: Site) -> None:
    service = site.service(first_pause=0.02)
    async with receiving() as inner, receiving() as gone, receiving() as moved:
        gone.answer = lambda got: Answer(410)
        moved.answer = lambda got: Answer(307, {"Location": inner.url})
        first, _ = await service.commands.create({"url": gone.url}, ANNE)
        second, _ = await service.commands.create({"url": moved.url}, ANNE)
        service.start()
        await site.fill(10, cameras=1)
        await moved.until(lambda: len(moved.got) >= 3)
        await gone.until(lambda: len(gone.got) >= 1)
        await site.until_row(first["id"], lambda now: now["state"] == "DISABLED")
        assert len(gone.got) == 1
        assert len(inner.got) == 0
        log = await service.commands.log(second["id"], None, None, 1000)
        assert log[-1]["status"] == 307
        assert "redirect" in log[-1]["error"]


async def test_retry_after_is_honoured(site: Site) -> None:
    asked: list[float] = []

    def answer(got: Got) -> Answer:
        asked.append(time.monotonic())
        return Answer(429, {"Retry-After": "2"}) if len(asked) == 1 else Answer()

    service = site.service(first_pause=0.01)
    async with receiving(answer) as receiver:
        await service.commands.create({"url": receiver.url}, ANNE)
        service.start()
        await site.fill(3, cameras=1)
        await receiver.until(lambda: len(receiver.taken) >= 3)
        assert asked[1] - asked[0] >= 2.0
        assert len(receiver.got) == 4
