"""Why an engine did not start: the likely cause, read from its log and from the machine."""

import re
import shutil
from pathlib import Path

from hub.engines.java import REMEDY
from hub.settings import Settings

FULL = 64 * 1024 * 1024
"""Bytes of free disk below which an engine is likely to fail for want of space."""

CAUSES: list[tuple[str, str, str]] = [
    (
        r"No space left on device|ENOSPC|not enough space|disk is full",
        "The disk is full.",
        "Free some space, or set HUB_DATA to a folder on another disk.",
    ),
    (
        r"UnsupportedClassVersionError|class file version|Unrecognized VM option",
        "Java is too old or not a full one.",
        f"{REMEDY}, or set HUB_JAVA.",
    ),
    (
        r"OutOfMemoryError|insufficient memory|Cannot allocate memory|Could not reserve enough"
        r"|could not map anonymous shared memory|exceeds the maximum",
        "There is too little memory.",
        "End other programs, or lower HUB_NEO4J_HEAP, HUB_NEO4J_PAGECACHE, HUB_KAFKA_HEAP or "
        "HUB_POSTGRES_BUFFERS.",
    ),
    (
        r"Invalid (maximum|initial) heap size|Invalid value|invalid value for parameter"
        r"|ConfigException|Error evaluating value for setting",
        "A setting has a value the engine does not take.",
        "Check the HUB_… settings named in the lines above.",
    ),
    (
        r"Address already in use|BindException|could not bind|Failed to bind",
        "The port was taken by another process.",
        "End that process, or set another port (HUB_NEO4J_PORT, HUB_POSTGRES_PORT, "
        "HUB_KAFKA_PORT, HUB_KAFKA_CONTROLLER_PORT).",
    ),
    (
        r"Permission denied|AccessDenied|has wrong ownership|invalid permissions",
        "Files in the data folder belong to another user.",
        "Run hub as the user who made the data folder, or set HUB_DATA to another one.",
    ),
    (
        r"password authentication failed|Unauthorized|AuthenticationFailed|AuthError",
        "The password kept in the data folder is not the store's.",
        "Put back the file under secrets/ that belongs to this store, or start a new data folder.",
    ),
]


def diagnose(
    settings: Settings, data: Path, lines: list[str], exit_code: int | None
) -> tuple[str, str]:
    """The likely cause and what to do about it."""
    for pattern, cause, remedy in CAUSES:
        if any(re.search(pattern, line) for line in lines):
            return cause, remedy
    if shutil.disk_usage(data).free < FULL:
        return CAUSES[0][1:]
    if exit_code is not None and exit_code in (-9, 137):
        return "It was killed, most likely for want of memory.", CAUSES[2][2]
    if exit_code is None:
        return (
            f"It did not answer within {settings.engine_start_seconds:g} seconds.",
            "The machine may be busy: run hub up again, or raise HUB_ENGINE_START_SECONDS.",
        )
    return f"It ended with code {exit_code}.", "The lines above say why."
