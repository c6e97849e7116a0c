"""Logs: one JSON object a line on standard error, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

SECRET_NAMES = re.compile(r"(?i)password|passwd|secret|token|authorization|cookie|(^|_)key$")
SECRET_TEXT = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON Web Token
    r"|(?i:bearer)\s+\S+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password@ in an address
)
HIDDEN = "[hidden]"

Event = MutableMapping[str, Any]


def hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Blank out what is named like a secret, and what looks like one, however deep it lies."""
    for name, value in event.items():
        event[name] = HIDDEN if SECRET_NAMES.search(name) else _hide(value)
    return event


def _hide(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {
            name: HIDDEN if SECRET_NAMES.search(str(name)) else _hide(each)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_hide(each) for each in value]
    return value


def to_json(event: Any, **_options: Any) -> str:
    """One line of JSON; what JSON has no form for is told as text."""
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Out:
    """Writes the hub's own lines straight out: the standard library's way costs four times that."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def write(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = exception = msg = write


def name_logger(logger: Any, _method: str, event: Event) -> Event:
    """Say which part of the hub speaks."""
    event["logger"] = logger.name
    return event


COMMON: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def set_up_logs(level: str) -> None:
    """Send this process's logs, uvicorn's and the libraries' included, to standard error."""
    structlog.configure(
        processors=[*COMMON, name_logger, hide_secrets, structlog.processors.JSONRenderer(to_json)],
        logger_factory=lambda name="", *_: Out(name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    _set_up_library_logs(level.upper())


def _set_up_library_logs(level: str) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *COMMON],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            hide_secrets,
            structlog.processors.JSONRenderer(to_json),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for loud in ("neo4j", "aiokafka", "asyncio", "httpx", "httpcore", "opentelemetry"):
        logging.getLogger(loud).setLevel(max(root.level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
