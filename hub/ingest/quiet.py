"""Kafka's client repeats itself many times a second while Kafka is away; once a minute will do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

EVERY = 60.0


class OnceAMinute(logging.Filter):
    """Lets a client's message through when the same text was not told within the last minute."""

    def __init__(self, logger: str = "aiokafka", clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self._logger = logger
        self._clock = clock
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._logger):
            return True
        now, text = self._clock(), str(record.msg)
        if now - self._told.get(text, -EVERY) < EVERY:
            return False
        self._told[text] = now
        return True


def quieten() -> None:
    """Have this process's logs pass through it."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(OnceAMinute())
