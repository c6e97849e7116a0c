"""The clients of docs/examples, while the API they follow is killed, restarted, and their token
expires: each prints exactly what was written, once, in order per camera."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.issuer import Issuer
from hub.keys import Keys
from resolvers.cursors import CursorKey
from resolvers.stores.addresses import StoreAddresses
from tests.events_for_tests import BEGAN, EventStores, camera, event_stores, gone, seen, until
from tests.integration.events.followers import COMMANDS, Follower, following, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

CAMERAS = 20
WATCHED = [camera(i) for i in range(CAMERAS // 2)]
OPEN = json.dumps({"status": {"eq": "OPEN"}, "camera": {"in": WATCHED}})
"""A filter that events leave when they are over."""
ROUNDS = 5


class Api:
    """A `hub serve` that can be killed and started again at the same port."""

    def __init__(self, stores: EventStores) -> None:
        self.stores = stores
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        keys = Keys(stores.folder / "keys")
        self.issuer = Issuer(keys.issuer, issuer="city-hub", audience="city-hub")
        self.cursors = CursorKey(keys.cursor)
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        hub = str(Path(sys.executable).with_name("hub"))
        environment = self.stores.environment(
            HUB_TOKEN_LEEWAY_SECONDS="0", HUB_HEARTBEAT_SECONDS="1", HUB_SHUTDOWN_SECONDS="5"
        )
        with (self.stores.folder / "api.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220
                [hub, "serve", "--port", str(self.port)], env=environment, stdout=log, stderr=log
            )
        async with httpx.AsyncClient(trust_env=False) as client:

            async def answers() -> bool:
                try:
                    return (await client.get(f"{self.url}/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers)

    def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(fresh_stores: StoreAddresses) -> AsyncIterator[EventStores]:
    async with event_stores(fresh_stores, cameras=CAMERAS) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(stores: EventStores) -> AsyncIterator[Api]:
    api = Api(stores)
    with stores.ingest():
        try:
            await api.start()
            yield api
        finally:
            api.end(signal.SIGKILL)


def detections(round: int) -> list[dict[str, Any]]:
    """An episode on each camera, of which every other one is over at once."""
    began = BEGAN + timedelta(hours=-round)
    found = [seen(camera(i), began, after=after) for after in range(3) for i in range(CAMERAS)]
    return found + [gone(camera(i), began) for i in range(0, CAMERAS, 2)]


def expected(documents: list[dict[str, Any]], where: str | None) -> list[tuple[str, int, bool]]:
    """What a subscriber with this filter gets, told from the messages on the topic alone."""
    found = []
    for doc in documents:
        if where is not None and doc["camera"] not in WATCHED:
            continue
        now = where is None or doc["status"] == "OPEN"
        before = (doc["before"] or {}).get("status", doc["status"]) if doc["before"] else None
        left = where is not None and not now and before == "OPEN"
        if now or left:
            found.append((doc["id"], doc["version"], left))
    return found


@contextmanager
def all_clients(api: Api, folder: Path, token: Path) -> Iterator[list[tuple[Follower, str | None]]]:
    with ExitStack() as running:
        found = []
        for name in COMMANDS:
            for where in (None, OPEN):
                place = folder / f"{name}-{'open' if where else 'all'}"
                client = running.enter_context(following(name, place, api.url, token, where))
                found.append((client, where))
        yield found


async def test_each_client_gets_each_version_once(
    stores: EventStores, api: Api, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(api.issuer.issue("app", hours=6 / 3600))
    await stores.send(detections(0))
    await stores.settled()
    past = await stores.documents(stores.names.events)
    latest = {doc["id"]: doc for doc in past}

    with all_clients(api, tmp_path, token) as clients:

        async def began() -> bool:
            assert all(client.process.poll() is None for client, _ in clients)
            return all(client.cursor.exists() for client, _ in clients)

        await until(began)
        token.write_text(api.issuer.issue("app"))

        async def came_again() -> bool:
            told = [re.search("4403|expired|UNAUTHENTICATED", each.said()) for each, _ in clients]
            return all(told)

        await until(came_again)  # the token that they used has expired
        for round in range(1, ROUNDS + 1):
            await stores.send(detections(round))
            await asyncio.sleep(0.3)
            if round in (2, 4):
                api.end(signal.SIGKILL if round == 2 else signal.SIGTERM)
                await stores.send(detections(100 + round))
                await api.start()
        await stores.settled()
        after = await stores.documents(stores.names.events)
        old = {(doc["id"], doc["version"]) for doc in past}
        new = [doc for doc in after if (doc["id"], doc["version"]) not in old]

        async def came() -> bool:
            return all(
                len(client.deliveries()) >= len(expected(new, where)) for client, where in clients
            )

        try:
            await until(came)
        finally:
            for client, where in clients:
                wanted, found = expected(new, where), client.deliveries()
                print(
                    f"{client.folder.name}: written {len(wanted)}, printed {len(found)}, "
                    f"lost {len(set(wanted) - set(found))}, "
                    f"repeated {len(found) - len(set(found))}, "
                    f"connections lost {client.said().count('again')}"
                )
                print(client.said())
        await asyncio.sleep(2)  # for what should not come

    cameras = {doc["id"]: doc["camera"] for doc in after}

    def by_camera(told: list[tuple[str, int, bool]]) -> dict[str, list[tuple[str, int, bool]]]:
        found: dict[str, list[tuple[str, int, bool]]] = {}
        for each in told:
            found.setdefault(cameras[each[0]], []).append(each)
        return found

    for client, where in clients:
        assert by_camera(client.deliveries()) == by_camera(expected(new, where)), client.name
        assert any(left for _, _, left in client.deliveries()) == (where is not None)
        [snapshot] = client.snapshots()
        assert {(each["id"], each["version"]) for each in snapshot} == {
            (doc["id"], doc["version"])
            for doc in latest.values()
            if where is None or (doc["status"] == "OPEN" and doc["camera"] in WATCHED)
        }
        assert client.said().count("again") >= 3  # two ends of the API, one of the token


@pytest.mark.parametrize("name", list(COMMANDS))
async def test_what_each_cursor_and_token_leads_to(
    stores: EventStores, api: Api, tmp_path: Path, name: str
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(api.issuer.issue("app"))
    bad.write_text("x.y.z")
    partitions = [0] * stores.partitions
    expired = api.cursors.sign(["events", "of another topic", partitions])
    with (
        following(name, tmp_path / "expired", api.url, good, cursor=expired) as new,
        following(name, tmp_path / "forged", api.url, good, cursor="forged") as forged,
        following(name, tmp_path / "stranger", api.url, bad) as stranger,
        following(name, tmp_path / "filter", api.url, good, where='{"no": 1}') as wrong,
    ):

        async def took_a_snapshot() -> bool:
            return bool(new.snapshots()) and new.cursor.read_text() != expired

        async def gave_up() -> bool:
            return all(each.process.poll() for each in (forged, stranger, wrong))

        await until(took_a_snapshot)
        await until(gave_up)
        assert "CURSOR_EXPIRED" in new.said()
        assert "CURSOR_INVALID" in forged.said()
        assert not stranger.lines()
        assert "again" not in forged.said() + stranger.said() + wrong.said()
