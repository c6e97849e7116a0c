"""A partner's address: whether it can be one, and the schema that is served there."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import httpx
import orjson

SECONDS = 5.0
MOST_BYTES = 4_000_000
"""Largest answer that is read: the largest SDL, with room for escapes."""
QUERY = b'{"query":"{ _service { sdl } }"}'
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class Unreachable(Exception):
    """An address that does not serve a subgraph's schema; the text says how, and what to do."""


def url_fault(url: str) -> str | None:
    """What is wrong with the form of an address, None if nothing is."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is no address; give one such as http://lamps.example:4001/graphql"
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f]", url):
        return f"{url!r} is no http or https address; give one such as http://host:4001/graphql"
    if parts.username or parts.password:
        return "the address holds a user name or password; leave it out, the gateway signs in"
    if parts.fragment or len(url) > 2_000:
        return "the address has a # part or is longer than 2,000 characters; shorten it"
    return None


async def served_sdl(url: str, seconds: float = SECONDS) -> str:
    """The SDL that a subgraph tells of itself. Raises Unreachable; follows no redirect."""
    try:
        async with asyncio.timeout(seconds):
            status, body = await _ask(url, seconds)
    except (TimeoutError, httpx.TimeoutException):
        raise Unreachable(
            f"{url} did not answer within {seconds:g} seconds; start the subgraph, or correct "
            "the address"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = str(error) or type(error).__name__
        raise Unreachable(
            f"{url} does not answer ({why}); start the subgraph, or correct the address"
        ) from error
    if 300 <= status < 400:
        raise Unreachable(f"{url} redirects, which is not followed; give the final address")
    return _sdl_of(url, status, body)


async def _ask(url: str, seconds: float) -> tuple[int, bytes]:
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=seconds) as client,
        client.stream("POST", url, content=QUERY, headers=HEADERS) as answer,
    ):
        body = bytearray()
        async for chunk in answer.aiter_raw(65_536):
            body += chunk
            if len(body) > MOST_BYTES:
                raise Unreachable(
                    f"{url} answers with more than {MOST_BYTES:,} bytes; serve a smaller schema"
                )
        return answer.status_code, bytes(body)


def _sdl_of(url: str, status: int, body: bytes) -> str:
    try:
        sdl = orjson.loads(body)["data"]["_service"]["sdl"]
    except (ValueError, TypeError, KeyError, IndexError):
        sdl = None
    if not isinstance(sdl, str):
        raise Unreachable(
            f"{url} answers (status {status}), but not with the SDL that {{ _service {{ sdl }} }} "
            "asks for; serve a subgraph of Federation 2 there"
        )
    return sdl
