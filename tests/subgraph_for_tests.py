"""A subgraph as a department would run it, as far as the registry looks at it: a real server."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", '
    '"@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", '
    '"@interfaceObject", "@tag", "@authenticated"])\n'
)
LAMPS = (
    LINK
    + """
type Query {
  lamp(code: String!): Lamp
  lamps: [Lamp!]
}
type Lamp @key(fields: "code") {
  code: String!
  watts: Int
  kind: LampKind
  grid: Grid
}
enum LampKind { LED SODIUM }
input LampFilter { kind: LampKind watts: Int }
type Grid @key(fields: "code") {
  code: String!
  lamps(filter: LampFilter): [Lamp!]
}
"""
)
"""Street lamps, which extend the hub's grids."""


@dataclass
class PartnerServer:
    """What the server answers; a test changes it."""

    url: str
    sdl: str = LAMPS
    behaviour: str = "answer"
    seconds: float = 0.0
    asked: int = 0

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        assert (await request.json())["query"] == "{ _service { sdl } }"
        await asyncio.sleep(self.seconds)
        if self.behaviour == "redirect":
            return RedirectResponse(self.url + "/elsewhere")
        if self.behaviour == "huge":
            return PlainTextResponse("x" * 5_000_000)
        if self.behaviour == "text":
            return PlainTextResponse("hello")
        if self.behaviour == "errors":
            return JSONResponse({"errors": [{"message": "no"}], "data": None})
        return JSONResponse({"data": {"_service": {"sdl": self.sdl}}})


@contextmanager
def partner_server(sdl: str = LAMPS) -> Iterator[PartnerServer]:
    """A subgraph on a free port, in a thread of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    partner = PartnerServer(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql", sdl)
    routes = [Route("/graphql", partner.answer, methods=["POST"])]
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the subgraph did not start"
            time.sleep(0.01)
        yield partner
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
