"""The heap of a process that goes on for long."""

from __future__ import annotations

import gc


def settle() -> None:
    """Have the garbage collector pass over all that is there now: it stays until the process ends.

    The schema and its plans are some hundred thousand objects; to look at them again and again
    takes most of the time in which documents are read by the thousand.
    """
    gc.collect()
    gc.freeze()
