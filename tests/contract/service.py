"""A live hub over HTTP for tests of the service alone: a tiny schema, and stores that are away."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute,
)

from hub.app import make_app
from hub.context import Hub
from hub.server import protocols_of
from hub.settings import Settings
from hub.tracing import Tracing
from resolvers.errors import HubError, all_codes
from resolvers.operation import Answer, ParsedDocument, StatementRun, Wanted
from resolvers.rights import Rights
from resolvers.stores.addresses import StoreAddresses

SDL = """
type Query {
  hello(name: String = "district"): String!
  whoami: Caller
  fail(code: String!): String
  burst: String
  sleep(seconds: Float!): String
  node: Node
}
type Caller { subject: String roles: [String!]! department: String }
type Node { name: String node: Node }
type Mutation { touch: Int! }
type Subscription { ticks: Int! }
"""


class Roots:
    """The tiny schema's root fields."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights

    def hello(self, _info: object, name: str) -> str:
        return f"hello {name}"

    def whoami(self, _info: object) -> dict[str, Any]:
        caller = self.rights.caller
        return {
            "subject": caller.subject,
            "roles": sorted(caller.roles),
            "department": caller.department,
        }

    def touch(self, _info: object) -> int:
        self.rights.check_write()
        return 1

    async def sleep(self, _info: object, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "slept"

    def node(self, _info: object) -> dict[str, Any]:
        return {"name": "root"}


@dataclass
class TinyExecutor:
    """graphql-core's executor, with stand-ins for what the compiler reports."""

    schema: GraphQLSchema
    wanted: list[Wanted] = field(default_factory=list)

    async def execute(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
        want: Wanted,
    ) -> Answer:
        self.wanted.append(want)
        text = document.text
        if "burst" in text:
            raise RuntimeError("the stack of this must not be seen: hunter2")
        if "fail(" in text:
            code = variables["code"]
            raise all_codes()[code](f"raised {code} on purpose")
        found = execute(
            self.schema, document.ast, Roots(rights), None, dict(variables), operation_name
        )
        result = found if isinstance(found, ExecutionResult) else await found
        body = orjson.dumps(_formatted(result))
        errors = len(result.errors or ())
        began = time.time_ns()
        statements = (StatementRun("neo4j", "RETURN $secret", began, 1_000_000),)
        return Answer(body, 400 if errors and result.data is None else 200, errors, statements)


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [_entry(error) for error in result.errors]
    if result.data is not None:
        body["data"] = result.data
    return body


def _entry(error: GraphQLError) -> dict[str, Any]:
    entry = dict(error.formatted)
    if isinstance(error.original_error, HubError):
        entry["extensions"] = error.original_error.extensions
    return entry


@dataclass(frozen=True)
class Service:
    """A hub that listens at `url`; its /ready is at `health` where that is another place."""

    url: str
    hub: Hub
    health: str = ""
    stop: Callable[[], None] = lambda: None
    """Has the server end, as SIGTERM would."""

    @property
    def executor(self) -> TinyExecutor:
        executor = self.hub.endpoint.executor
        assert isinstance(executor, TinyExecutor)
        return executor

    def token(self, subject: str = "li", **claims: Any) -> str:
        return self.hub.issuer.issue(subject, **claims)

    def signed_in(self, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(**claims)}"}


def nothing_there() -> StoreAddresses:
    """Addresses at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    dsn = f"postgresql://hub:secret@127.0.0.1:{port}/hub"
    return StoreAddresses(
        f"bolt://127.0.0.1:{port}", "neo4j", "secret", dsn, dsn, dsn, f"127.0.0.1:{port}"
    )


def listening_at(port: int) -> socket.socket:
    """A socket of this machine's own, at a port; 0: a free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


@contextmanager
def serving(hub: Hub, listener: socket.socket | None = None) -> Iterator[Service]:
    """The hub on a free port, in a thread of its own, for the length of the block."""
    listener = listener or listening_at(0)
    server = uvicorn.Server(
        uvicorn.Config(make_app(hub), log_config=None, lifespan="on", **protocols_of(hub.settings))
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.01)

        def stop() -> None:
            server.should_exit = True

        yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", hub, stop=stop)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def tiny_hub(data: Path, tracing: Tracing | None = None, **settings: Any) -> Hub:
    """A hub over the tiny schema whose stores are away."""
    values = {"reference_executor": True, "probe_seconds": 0.5} | settings
    return Hub(
        Settings(data=data, **values),
        build_schema(SDL),
        make_executor=lambda settings, schema, *rest: TinyExecutor(schema),
        at=nothing_there(),
        tracing=tracing,
    )
