"""`hub load`: read files into the graph by a mapping."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from hub.engines import addresses
from hub.load.plan import Job, Plan, make_plan
from hub.load.reject_file import RejectFile
from hub.load.run import Advance, Loading, default_rejects
from hub.load.summary import Summary
from hub.logs import set_up_logs
from hub.settings import Settings
from hub.stores import Stores
from resolvers.model import CATALOG

app = typer.Typer()


@app.command()
def read(
    path: Annotated[Path, typer.Argument(help="A file, or a folder of files.")],
    mapping: Annotated[
        str | None, typer.Option(help="A mapping's path, or the name of a shipped one.")
    ] = None,
    district: Annotated[
        str | None, typer.Option(help="A district's name, or the path of its district.yaml.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; in the data folder if not given.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option(help="Read and check all but references; write nothing.")
    ] = False,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Load records; repeat it after an interruption, or at any time, with the same outcome."""
    settings = Settings()
    set_up_logs("warning")
    plan = make_plan(path, mapping, district)
    where = rejects or default_rejects(settings.data, plan)
    with RejectFile(where) as file, progress_of(plan, quiet=as_text) as advance:
        summary = asyncio.run(run(settings, plan, file, dry_run, advance))
    if as_text:
        print(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        show(summary)


async def run(
    settings: Settings,
    plan: Plan,
    rejects: RejectFile,
    dry_run: bool = False,
    advance: Advance = lambda job, consumed, rejected: None,
) -> Summary:
    """Load a plan into the stores that the settings name; a dry run needs none of them."""
    if dry_run:
        loading = Loading(plan, None, CATALOG, rejects, dry_run=True, advance=advance)
        return await loading.run()
    stores = await Stores.open(addresses(settings), CATALOG)
    try:
        await stores.prepare(CATALOG)
        work = Loading(plan, stores, CATALOG, rejects, advance=advance)
        running = asyncio.create_task(work.run())
        projecting = asyncio.create_task(stores.projector.run())
        try:
            await asyncio.wait((running, projecting), return_when=asyncio.FIRST_COMPLETED)
            if projecting.done() and not running.done():
                projecting.result()
            return await running
        finally:
            running.cancel()
            projecting.cancel()
            await asyncio.wait((running, projecting))
    finally:
        await stores.close()


@contextmanager
def progress_of(plan: Plan, quiet: bool = False) -> Iterator[Advance]:
    """A bar over all bytes to be read, on standard error."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rejected]:,} rejected"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, quiet=quiet)
    sizes = [job.size for job in plan.jobs]
    before = {id(job): sum(sizes[:i]) for i, job in enumerate(plan.jobs)}
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("", total=sum(sizes), rejected=0)

        def advance(job: Job, consumed: int, rejected: int) -> None:
            done = before[id(job)] + consumed
            progress.update(task, description=job.where, completed=done, rejected=rejected)

        yield advance


def show(summary: Summary) -> None:
    """What was done, for a person."""
    print(f"{'created':>10} {'updated':>9} {'unchanged':>10} {'rejected':>9}")
    for table in summary.tables:
        print(
            f"{table.created:>10,} {table.updated:>9,} {table.unchanged:>10,} {table.rejected:>9,}"
            f"  {table.type} from {table.file}"
        )
    rows = summary.total("rows")
    what = "read, nothing written" if summary.dry_run else "read"
    print(f"{rows:,} rows {what} in {summary.seconds:.1f} s, {summary.peak_mb:.0f} MB at most.")
    if summary.absent:
        print(f"Not there: {', '.join(summary.absent)}")
    for code, count in sorted(summary.reasons.items()):
        print(f"{count:>10,}  rejected as {code}")
    if summary.rejects:
        print(f"Rejected rows, with the reason of each: {summary.rejects}")
    if summary.graph == "BEHIND":
        print("All is in the change log; the graph is behind and takes it up when Neo4j is back.")
