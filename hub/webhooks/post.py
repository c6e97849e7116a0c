"""One webhook's way out: a client that connects to checked addresses only, and obeys nobody."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from hub.webhooks.names import AddressRefused, Names
from hub.webhooks.retrying import retry_after
from hub.webhooks.target import Target

SECONDS = 10.0
MOST_READ = 4_096
"""Bytes of an answer that are read; what it says is nobody's business here."""
MOST_ADDRESSES = 3
"""Addresses of one name that are tried."""
STEADY = {
    "User-Agent": "city-hub-webhooks",
    "Content-Type": "application/cloudevents+json; charset=utf-8",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    status: int | None
    """The answer's status; None where there was none."""
    error: str | None
    """Why it does not count as delivered; None where it does."""
    milliseconds: int
    retry_after: float | None = None
    """Seconds that the receiver asked to be left alone."""

    @property
    def delivered(self) -> bool:
        return self.error is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == 410


class Post:
    """Sends bodies to one target. Names are looked up for each connection, once, and checked."""

    def __init__(
        self,
        target: Target,
        names: Names,
        context: ssl.SSLContext,
        *,
        seconds: float = SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.target = target
        self._names = names
        self._seconds = seconds
        self._now = now
        self._client = httpx.AsyncClient(
            verify=context,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the whole attempt is bounded instead
            limits=httpx.Limits(max_keepalive_connections=4, keepalive_expiry=30),
        )

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send one message and tell what became of it; never raises for what the receiver does."""
        began = time.monotonic()
        status: int | None = None
        wait: float | None = None
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._send(body, headers)
            status = answer.status_code
            error = _fault(status)
            if status in (429, 503):
                wait = retry_after(answer.headers.get("Retry-After"), self._now())
        except TimeoutError:
            error = f"no answer within {self._seconds:g} s"
        except AddressRefused as refused:
            error = str(refused)
        except ssl.SSLError as fault:
            error = f"TLS failed: {fault.reason or 'unknown'}"[:200]
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as fault:
            error = _told(fault)
        took = round((time.monotonic() - began) * 1000)
        return Outcome(status, error, took, wait)

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        target = self.target
        addresses = await self._names.addresses(target.host, target.port)
        chosen = addresses[:MOST_ADDRESSES]
        for number, address in enumerate(chosen, 1):
            host = f"[{address}]" if ":" in address else address
            request = self._client.build_request(
                "POST",
                f"{target.scheme}://{host}:{target.port}{target.rest}",
                content=body,
                headers={**STEADY, **headers, "Host": target.netloc},
                extensions={"sni_hostname": target.host},
            )
            try:
                answer = await self._client.send(request, stream=True)
            except httpx.ConnectError:
                if number == len(chosen):
                    raise
                continue
            try:
                await _read_some(answer)
            finally:
                await answer.aclose()
            return answer
        raise AssertionError("no address")


async def _read_some(answer: httpx.Response) -> None:
    """Read a short answer to its end, so that the connection can serve again; cut a long one."""
    read = 0
    async for part in answer.aiter_raw(MOST_READ):
        read += len(part)
        if read >= MOST_READ:
            return


def _fault(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"HTTP {status}: redirects are not followed"
    return f"HTTP {status}"


def _told(fault: Exception) -> str:
    """What kind of failure it was, in words that show nothing of the network here."""
    if isinstance(fault, httpx.ConnectError):
        tls = "certificate" in str(fault).lower() or "ssl" in str(fault).lower()
        return "TLS failed: the certificate is not valid for the host" if tls else "no connection"
    if isinstance(fault, httpx.RemoteProtocolError):
        return "the answer is not HTTP, or was cut off"
    return f"the connection broke ({type(fault).__name__})"
