"""How many connections may be open, in all and for one caller."""

from __future__ import annotations

from collections import Counter

from hub.metrics import Metrics
from hub.settings import Settings
from resolvers.errors import Overloaded, TooManyStreams
from resolvers.rights import Caller


class Admission:
    """Counts WebSocket connections and streaming responses of this process.

    A connection is new until its caller is known: `knock` before `enter`, then `settle`.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._most = settings.max_streams
        self._most_of_one = settings.max_streams_per_caller
        self._most_new = settings.max_new_streams
        self._most_new_of_one = settings.max_new_streams_per_address
        self._gauge = metrics.stream_connections
        self._callers: Counter[str] = Counter()
        self._new: Counter[str | None] = Counter()
        self.count = 0

    def knock(self, address: str | None) -> None:
        """One more new connection; None: the gateway's. Raises Overloaded."""
        if self._new.total() >= self._most_new:
            raise Overloaded(
                f"{self._most_new} connections have not sent connection_init yet, as many as may "
                "(HUB_MAX_NEW_STREAMS): try again later"
            )
        if address is not None and self._new[address] >= self._most_new_of_one:
            raise Overloaded(
                f"{self._most_new_of_one} connections from your address have not sent "
                "connection_init yet, as many as may (HUB_MAX_NEW_STREAMS_PER_ADDRESS): send it "
                "first, then connect again"
            )
        self._new[address] += 1

    def settle(self, address: str | None) -> None:
        """One new connection less: its caller is known, or it has gone."""
        self._new[address] -= 1
        if self._new[address] <= 0:
            del self._new[address]

    def enter(self) -> None:
        """One more. Raises Overloaded."""
        if self.count >= self._most:
            raise Overloaded(
                f"the hub holds {self._most} streams open, as many as it may "
                "(HUB_MAX_STREAMS): try again later"
            )
        self.count += 1
        self._gauge.inc()

    def leave(self, name: str | None) -> None:
        """One less, of the caller it was given to, if it was."""
        self.count -= 1
        self._gauge.dec()
        if name is not None:
            self._callers[name] -= 1
            if self._callers[name] <= 0:
                del self._callers[name]

    def give(self, caller: Caller, address: str) -> str | None:
        """Count one that was let in for its caller; gives the name it is counted under.

        Raises TooManyStreams. A gateway's callers without a token are not told apart.
        """
        if caller.subject is not None:
            name = f"subject {caller.subject}"
        elif caller.gateway:
            return None
        else:
            name = f"address {address}"
        if self._callers[name] >= self._most_of_one:
            raise TooManyStreams(
                f"you have {self._most_of_one} streams open, as many as one caller may "
                "(HUB_MAX_STREAMS_PER_CALLER): close one, or put several subscriptions on one "
                "WebSocket connection"
            )
        self._callers[name] += 1
        return name
