"""From a host to addresses that were checked; they, not the name, are connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from hub.webhooks.address import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, all of them. Raises OSError."""


class AddressRefused(Exception):
    """A host that leads nowhere, or to where no webhook may. The text does not tell which, so that
    nobody learns the names of a network he is not in."""


class Names:
    """Looks names up in threads of its own, so that slow name servers hold nobody else up."""

    def __init__(self, *, private: bool, resolve: Resolve | None = None) -> None:
        self._private = private
        self._threads = ThreadPoolExecutor(64, thread_name_prefix="webhook-names")
        self._resolve = resolve or self._look_up

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Checked addresses to connect to, at least one. Raises AddressRefused if any is closed."""
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError):
            found = ()
        if not found or not (self._private or all(is_public(each) for each in found)):
            raise AddressRefused("the url's host does not lead to a public address")
        return found

    def close(self) -> None:
        """Let the threads end; none is waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(address[0]) for *_, address in found))
