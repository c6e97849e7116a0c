"""Dead letters are listed, shown and replayed."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import orjson

from schema.wire import DEAD, DETECTIONS, DeadLetter
from tests.contract.ingest_door.conftest import read_all
from tests.integration.event_tools.conftest import Site, put

ODD = b"\xff\x1b[31m"


def letter(number: int, reason: str, key: bytes | None, value: bytes, **changes: Any) -> bytes:
    try:
        text, encoding = value.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(value).decode(), "base64"
    made = {
        "reason": reason,
        "topic": "?",
        "partition": number % 3,
        "offset": number,
        "key": None if key is None else key.decode(errors="replace"),
        "value": text,
        "encoding": encoding,
        "diedAt": f"2026-03-{1 + number % 28:02}T00:00:00.000000Z",
    } | changes
    DeadLetter.model_validate_json(orjson.dumps(made))
    return orjson.dumps(made)


async def fill(site: Site, count: int) -> None:
    topic = site.prefix + DETECTIONS
    rows: list[tuple[bytes | None, bytes]] = []
    for n in range(count):
        key = f"CAM{n}".encode()
        reason = "camera is not known" if n % 2 else "confidence: too large"
        rows.append((key, letter(n, reason, key, b'{"n": %d}' % n, topic=topic)))
    rows.append((ODD, letter(97, "not UTF-8 \x1b[31m", ODD, ODD, topic=topic)))
    rows.append((None, letter(98, "no key", None, b"{}", topic=topic)))
    rows.append((b"k", letter(99, "foreign", b"k", b"{}", topic="another.topic")))
    rows.append((b"k", b"no letter at all"))
    await put(site, DEAD, rows)


async def listed(site: Site, *arguments: object) -> dict[str, Any]:
    told = await site.run("dead", "list", "--json", *arguments)
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


async def test_list_and_show(site: Site) -> None:
    assert (await site.run("dead", "list")).stdout == "No dead letters.\n"
    await fill(site, 40)
    found = await listed(site)
    assert (found["count"], found["replayed"], len(found["letters"])) == (43, 0, 20)
    assert found["reasons"]["camera is not known"] == 20
    times = [each["diedAt"] for each in found["letters"]]
    assert times == sorted(times, reverse=True)
    assert (await listed(site, "--camera", "CAM7"))["count"] == 1
    assert (await listed(site, "--reason", "CONFIDENCE"))["count"] == 20
    early = await listed(site, "--since", "2026-03-05T00:00:00Z", "--until", "2026-03-06T00:00:00Z")
    assert {each["diedAt"] for each in early["letters"]} == {"2026-03-05T00:00:00+00:00"}

    told = await site.run("dead", "list", "--limit", "100")
    assert (told.returncode, told.stderr) == (0, "")
    assert "\x1b[31m" not in told.stdout
    assert "43 dead letters, 0 of them replayed:" in told.stdout

    [odd] = (await listed(site, "--reason", "UTF-8"))["letters"]
    told = await site.run("dead", "show", odd["place"])
    assert told.returncode == 0, told.stderr
    assert "\x1b" not in told.stdout
    assert base64.b64encode(ODD).decode() in told.stdout
    whole = json.loads((await site.run("dead", "show", odd["place"], "--json")).stdout)
    assert whole["reason"] == "not UTF-8 \x1b[31m"
    assert (await site.run("dead", "show", "0:9999")).returncode == 1
    assert (await site.run("dead", "show", "nonsense")).returncode == 2


async def test_replay(site: Site) -> None:
    await fill(site, 1_200)
    topic = site.prefix + DETECTIONS
    assert (await site.run("dead", "replay")).returncode == 2
    dry = json.loads((await site.run("dead", "replay", "--all", "--dry-run", "--json")).stdout)
    assert (dry["replayed"], dry["refused"]) == (1_202, 1)
    assert await read_all(site.at, topic) == []

    one = (await listed(site, "--camera", "CAM5"))["letters"][0]["place"]
    told = json.loads((await site.run("dead", "replay", one, "2:999999", "--json")).stdout)
    assert (told["replayed"], told["absent"]) == (1, 1)
    [record] = await read_all(site.at, topic)
    assert (record.key, record.value) == (b"CAM5", b'{"n": 5}')
    assert record.headers == (("replay-of", f"{site.prefix}{DEAD} {one}".encode()),)
    assert (await listed(site, "--camera", "CAM5"))["replayed"] == 1

    told = json.loads((await site.run("dead", "replay", "--reason", "camera", "--json")).stdout)
    assert (told["replayed"], told["before"]) == (599, 1)
    all_told = await site.run("dead", "replay", "--all", "--json")
    assert all_told.returncode == 1  # the foreign one
    told = json.loads(all_told.stdout)
    assert (told["replayed"], told["before"], told["refused"]) == (602, 600, 1)
    assert "another.topic" in told["refusals"][0]["reason"]

    records = await read_all(site.at, topic)
    values = sorted(record.value for record in records)
    assert values == sorted([b'{"n": %d}' % n for n in range(1_200)] + [b"{}", ODD])
    assert {record.key for record in records if record.value == b"\xff\x1b[31m"} == {
        b"\xff\x1b[31m"
    }
    assert [record.partition for record in records if record.value == b"{}"] == [98 % 3]
    found = await listed(site)
    print(f"{found['count']} letters, {found['replayed']} replayed, {len(records)} messages")
    assert (found["count"], found["replayed"]) == (1_203, 1_202)

    told = json.loads((await site.run("dead", "replay", one, "--again", "--json")).stdout)
    assert told["replayed"] == 1
    assert len(await read_all(site.at, topic)) == 1_203


async def test_two_replays_at_once_send_each_letter_once(site: Site) -> None:
    await fill(site, 1_500)
    runs = await asyncio.gather(*(site.run("dead", "replay", "--all", "--json") for _ in range(3)))
    records = await read_all(site.at, site.prefix + DETECTIONS)
    ended = [json.loads(run.stdout)["replayed"] for run in runs if run.stdout]
    print(f"ended: {ended}, overtaken: {sum(not run.stdout for run in runs)}")
    assert all("Another replay took over" in run.stderr for run in runs if not run.stdout)
    assert len(records) == len({record.value for record in records}) == 1_502
