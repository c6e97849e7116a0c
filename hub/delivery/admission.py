"""How many connections may be open, in all and for one caller."""

from __future__ import annotations

from collections import Counter

from hub.metrics import Metrics
from resolvers.errors import Overloaded, TooManyStreams
from resolvers.rights import Caller


class Admission:
    """Counts WebSocket connections and streaming responses of this process."""

    def __init__(self, most: int, most_of_one: int, metrics: Metrics) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._gauge = metrics.stream_connections
        self._callers: Counter[str] = Counter()
        self.count = 0

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
