"""Follow events of City Hub over WebSocket, and never miss one: Python 3.11, `gql[websockets]` 4.

    HUB_TOKEN=… python follow.py http://127.0.0.1:8000 cursor.txt '{"type": {"eq": "GARBAGE_PILE"}}'

Writes a line of JSON for a snapshot, then one for each version of each event. Start it again with
the same cursor file and it goes on where it stood.
"""

import asyncio
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

FIELDS = "id version type phase status openedAt camera { code }"
SNAPSHOT = f"""query($filter: EventFilter, $page: Cursor) {{
  events(first: 1000, after: $page, filter: $filter) {{
    liveCursor nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}"""
STREAM = f"""subscription($filter: EventFilter, $after: Cursor) {{
  events(filter: $filter, after: $after) {{ cursor left event {{ {FIELDS} }} }}
}}"""

FOR_EVER = {1009, 4400, 4401, 4406, 4409, 4429}
"""Close codes that come again however often one tries. 4403 is about the token."""
PASSING = {"DEADLINE_EXCEEDED", "INTERNAL", "OVERLOADED", "READER_TOO_SLOW", "STORE_UNAVAILABLE"}
PASSING |= {"TOO_MANY_STREAMS"}
"""Codes of errors after which the same may be tried again, from the last cursor."""
SILENCE = 60
"""Seconds without a message after which the connection is dead: heartbeats come more often."""


def token() -> str:
    """The token to connect with: renew it here. This one reads what somebody else renews."""
    file = os.environ.get("HUB_TOKEN_FILE")
    return Path(file).read_text().strip() if file else os.environ["HUB_TOKEN"]


def act(**told: Any) -> None:
    """What is done with a snapshot or an event: replace this by your own."""
    print(json.dumps(told, ensure_ascii=False), flush=True)


class Follower:
    def __init__(self, hub: str, cursor_file: Path, where: dict[str, Any] | None) -> None:
        self.url = hub.replace("http", "ws", 1) + "/graphql"
        self.file = cursor_file
        self.where = where
        self.token = ""
        self.failures = 0

    async def run(self) -> None:
        while True:
            try:
                self.token = token()
                await self.connected()
            except TransportQueryError as error:
                self.judge_error(error)
            except (TransportError, TimeoutError, OSError) as error:
                self.judge_close(error)
            pause = random.uniform(0.5, 1) * min(2**self.failures, 60)  # noqa: S311
            await asyncio.sleep(pause)
            self.failures += 1

    async def connected(self) -> None:
        """Until the connection ends."""
        transport = WebsocketsTransport(
            self.url,
            init_payload={"Authorization": f"Bearer {self.token}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            keep_alive_timeout=SILENCE,
            connect_args={"max_size": None},
        )
        async with Client(transport=transport) as session:
            if not self.file.exists():
                await self.snapshot(session)
            variables = {"filter": self.where, "after": self.file.read_text()}
            async for data in session.subscribe(GraphQLRequest(STREAM, variable_values=variables)):
                self.failures = 0
                message = data["events"]
                if message["event"] is not None:  # else a heartbeat, whose cursor is kept as well
                    act(left=message["left"], event=message["event"])
                self.keep(message["cursor"])

    async def snapshot(self, session: Any) -> None:
        """What there is, and the cursor behind which the stream goes on: the first page's."""
        live, page, nodes = None, None, []
        while True:
            variables = {"filter": self.where, "page": page}
            data = await session.execute(GraphQLRequest(SNAPSHOT, variable_values=variables))
            found = data["events"]
            live = live or found["liveCursor"]
            nodes += found["nodes"]
            if not found["pageInfo"]["hasNextPage"]:
                break
            page = found["pageInfo"]["endCursor"]
        act(snapshot=nodes)
        self.keep(live)

    def keep(self, cursor: str) -> None:
        """Store the cursor so that the file is whole at any time."""
        new = self.file.with_name(self.file.name + ".new")
        new.write_text(cursor)
        new.replace(self.file)

    def judge_error(self, error: TransportQueryError) -> None:
        """An error of the stream: come back if that can help, else end."""
        code = error.errors[0].get("extensions", {}).get("code") if error.errors else None
        if code == "CURSOR_EXPIRED":
            self.file.unlink()  # a new snapshot
        elif code == "UNAUTHENTICATED":
            self.need_a_new_token(error)
        elif code not in PASSING:
            raise error
        say(f"{code}: again")

    def judge_close(self, error: Exception) -> None:
        """The connection ended, or there was none: come back if that can help, else end."""
        cause = error.__cause__
        code = cause.rcvd.code if isinstance(cause, ConnectionClosed) and cause.rcvd else None
        if code == 4403:
            self.need_a_new_token(error)
        elif code in FOR_EVER:
            raise error
        say(f"connection lost ({code or error!r}): again")

    def need_a_new_token(self, error: Exception) -> None:
        if token() == self.token:
            raise error


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    hub, file, *rest = sys.argv[1:]
    asyncio.run(Follower(hub, Path(file), json.loads(rest[0]) if rest else None).run())
