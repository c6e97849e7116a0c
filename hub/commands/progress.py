"""Progress of several things at once, each with a line of its own, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from hub.engines.supervise import Report

ENDS = ("runs", "stopped", "is there", "answers")


@contextmanager
def lines(quiet: bool = False) -> Iterator[Report]:
    """Gives `report(name, text)`; on a terminal lines are redrawn, else each is printed once."""
    console = Console(stderr=True, quiet=quiet)
    if quiet or not console.is_terminal:
        yield lambda name, text: console.print(f"{name}: {text}", highlight=False)
        return
    progress = Progress(
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.fields[engine]:<10}"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
    )
    tasks: dict[str, TaskID] = {}

    def report(name: str, text: str) -> None:
        if name not in tasks:
            tasks[name] = progress.add_task(text, total=1, engine=name)
        done = 1 if text.endswith(ENDS) else 0
        progress.update(tasks[name], description=text, completed=done)

    with progress:
        yield report
