"""What Kafka's client repeats is told once a minute; all else passes."""

import logging

from hub.ingest.quiet import OnceAMinute


def test_repeated_lines_pass_once_a_minute() -> None:
    now = 0.0
    only = OnceAMinute(clock=lambda: now)

    def passes(logger: str, text: str) -> bool:
        return only.filter(logging.LogRecord(logger, 30, "", 0, text, (), None))

    assert [passes("aiokafka.conn", "lost %s") for _ in range(3)] == [True, False, False]
    assert passes("aiokafka.conn", "found %s")
    assert passes("hub", "lost %s")
    assert passes("hub", "lost %s")
    now = 61.0
    assert passes("aiokafka.conn", "lost %s")
