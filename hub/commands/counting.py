"""A count that goes up, on standard error, for work whose end is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def counting(what: str, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Gives `advance(count)`; on a terminal the sum is shown as it grows."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed:>12,.0f} {task.description}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)
