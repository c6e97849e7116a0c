"""A partner's subgraph of street lamps, honest until a test says what else it answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.contract.service import listening_at
from tests.small_district import grid_code

NAME = "lamps"
TYPES = """
type Query { lamps: [Lamp!] }
type Lamp @key(fields: "code") { code: String! grid: Grid }
type Grid @key(fields: "code") { code: String! lampCount: Int lamps: [Lamp!] }
"""
SDL = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
    + TYPES
)
SCHEMA = build_schema(
    "directive @key(fields: String!) repeatable on OBJECT\n"
    "scalar _Any\nunion _Entity = Lamp | Grid\ntype _Service { sdl: String! }\n"
    + TYPES.replace(
        "lamps: [Lamp!] }",
        "lamps: [Lamp!] _service: _Service!\n_entities(representations: [_Any!]!): [_Entity]! }",
        1,
    )
)
LAMPS = {f"L{i}": grid_code(i) for i in range(3)}
"""The grid of each lamp."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def entities(self) -> bool:
        """Whether it asks for records by their keys."""
        return "_entities" in str(self.body.get("query"))

    def honest(self) -> dict[str, Any]:
        """The right answer."""
        result = graphql_sync(
            SCHEMA, self.body["query"], Roots(), variable_values=self.body.get("variables")
        )
        return dict(result.formatted)


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP; `parts` in place of `body` are sent one by one while they are read."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    parts: Callable[[], AsyncIterator[bytes]] | None = None

    def response(self) -> Response:
        if self.parts is not None:
            return StreamingResponse(self.parts(), self.status, self.headers)
        return Response(self.body, self.status, self.headers)


Behaviour = Callable[[Asked], Reply]


def answering(body: Any) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(body).encode())


def honestly(asked: Asked) -> Reply:
    """What the partner answers unless told otherwise."""
    return answering(asked.honest())


class Roots:
    """The root fields."""

    _service = {"sdl": SDL}  # noqa: RUF012

    def lamps(self, _info: object) -> list[dict[str, Any]]:
        return [lamp(code) for code in LAMPS]

    def _entities(self, _info: object, representations: list[Any]) -> list[Any]:
        made = {"Lamp": lamp, "Grid": grid}
        return [made[each["__typename"]](each["code"]) for each in representations]


def lamp(code: str) -> dict[str, Any]:
    return {"__typename": "Lamp", "code": code, "grid": lambda _info: grid(LAMPS[code])}


def grid(code: str) -> dict[str, Any]:
    def lamps(_info: object) -> list[dict[str, Any]]:
        return [lamp(each) for each, stands in LAMPS.items() if stands == code]

    return {"__typename": "Grid", "code": code, "lampCount": lamp_count(code), "lamps": lamps}


def lamp_count(grid: str) -> int:
    """What the honest partner counts in a grid; in no two alike, and never 7."""
    return int(grid[-6:])


@dataclass
class HostilePartner:
    """A server that answers as `behaviour` says, and notes what it was asked."""

    port: int
    behaviour: Behaviour = honestly
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def be_honest(self) -> None:
        self.behaviour = honestly
        self.asked.clear()

    async def answer(self, request: Request) -> Response:
        content = await request.body()
        body = json.loads(content) if content else {}
        asked = Asked(request.url.path, body, dict(request.headers))
        self.asked.append(asked)
        return self.behaviour(asked).response()


@contextmanager
def hostile_partner() -> Iterator[HostilePartner]:
    """A partner on a free port, in a thread of its own, for the length of the block."""
    listener: socket.socket = listening_at(0)
    partner = HostilePartner(listener.getsockname()[1])
    methods = ["GET", "POST"]
    routes = [Route("/{path:path}", partner.answer, methods=methods)]
    config = uvicorn.Config(
        Starlette(routes=routes),
        log_config=None,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the partner did not start"
            time.sleep(0.01)
        yield partner
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
