"""`hub events`: dead letters, pruning and export."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.counting import counting
from hub.commands.events_dead import app as dead
from hub.engines import addresses
from hub.event_tools.moments import days, moment, zone_of
from hub.event_tools.prune import Pruned, plan_as_dict
from hub.event_tools.prune import prune as remove
from hub.logs import set_up_logs
from hub.settings import Settings
from resolvers.stores.event_pruning import Plan, pruning
from resolvers.stores.event_reading import read_docs

app = typer.Typer(no_args_is_help=True)
app.add_typer(dead, name="dead")
AsJson = Annotated[bool, typer.Option("--json", help="Tell machines, not people.")]
FORMATS = ("parquet", "jsonl")
PAGE = 5_000
"""Events held in memory at a time."""


@app.callback()
def events() -> None:
    """Replay dead letters, prune old events, export events to files."""
    set_up_logs("error")


@app.command()
def prune(
    before: Annotated[
        str | None, typer.Option(help="Date or instant; a date begins in the district's time zone.")
    ] = None,
    older_than: Annotated[str | None, typer.Option(help="Age in days, such as 180d.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, do not only tell.")] = False,
    as_text: AsJson = False,
) -> None:
    """Remove versions recorded before a time, and events that had ended by then.

    Open events stay. Cursors that stand before what is removed expire. Without --yes it tells
    what it would remove, and ends with 1.
    """
    settings = Settings()
    edge = _edge(settings, before, older_than)

    async def look() -> Plan:
        async with pruning(addresses(settings).postgres_owner_dsn) as found:
            return await found.plan(edge)

    async def run(plan: Plan) -> Pruned:
        async with pruning(addresses(settings).postgres_owner_dsn) as found:
            return await remove(found, plan, advance)

    plan = asyncio.run(look())
    if not yes:
        if as_text:
            print(json.dumps(plan_as_dict(plan)))
        else:
            _show_plan(plan)
        raise typer.Exit(1)
    with counting("versions and events removed", quiet=as_text) as advance:
        done = asyncio.run(run(plan))
    if as_text:
        print(json.dumps(done.as_dict()))
    else:
        print(
            f"Removed {done.versions:,} versions ({done.months} months as a whole) and "
            f"{done.events:,} events, all from before {plan.before.isoformat()}."
        )


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="File to write; one of that name is replaced.")],
    since: Annotated[
        str | None, typer.Option("--from", help="Date or instant it begins with.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Date or instant it ends before.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--format", help="parquet or jsonl.")] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="Every version, by the time it was recorded.")
    ] = False,
    as_text: AsJson = False,
) -> None:
    """Write events, by the time they opened, to a Parquet file or JSON lines."""
    settings = Settings()
    begin, end = _instant(settings, since), _instant(settings, until)
    form = kind or ("jsonl" if out.suffix in (".jsonl", ".ndjson") else "parquet")
    if form not in FORMATS:
        raise typer.BadParameter(f"--format is {' or '.join(FORMATS)}.")
    from hub.event_tools.event_file import event_file  # loads pyarrow, which takes its time

    began = time.monotonic()

    async def run() -> int:
        count = 0
        dsn = addresses(settings).postgres_auditor_dsn
        with event_file(out.absolute(), form) as sink:
            async for docs in read_docs(dsn, begin, end, versions=versions, page=PAGE):
                sink.write(docs)
                count += len(docs)
                advance(len(docs))
        return count

    with counting("events", quiet=as_text) as advance:
        count = asyncio.run(run())
    seconds, size = time.monotonic() - began, out.stat().st_size
    if as_text:
        told = {"path": str(out), "format": form, "events": count, "bytes": size}
        print(json.dumps(told | {"seconds": round(seconds, 3)}))
    else:
        what = "versions" if versions else "events"
        print(f"{count:,} {what} in {out} ({size:,} bytes) after {seconds:.1f} s.")


def _edge(settings: Settings, before: str | None, older_than: str | None) -> datetime:
    if (before is None) == (older_than is None):
        raise typer.BadParameter("give --before or --older-than, one of the two.")
    now = datetime.now(UTC)
    try:
        edge = now - days(older_than) if older_than else moment(before or "", zone_of(settings))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{error}.") from error
    if edge > now:
        raise typer.BadParameter(f"{edge.isoformat()} is yet to come.")
    return edge


def _instant(settings: Settings, text: str | None) -> datetime | None:
    try:
        return None if text is None else moment(text, zone_of(settings))
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


def _show_plan(plan: Plan) -> None:
    print(f"Recorded before {plan.before.isoformat()}:")
    megabytes = sum(month.bytes for month in plan.months) / 1e6
    names = ", ".join(month.name.removeprefix("event_versions_") for month in plan.months)
    print(f"  {plan.versions:,} versions, {len(plan.months)} months of them as a whole", end="")
    print(f" ({megabytes:,.0f} MB: {names})" if names else "")
    print(f"  {plan.events:,} events that have ended")
    print("Nothing was removed. Cursors that stand before these versions would expire.")
    print("Add --yes to remove them; 'hub events export --versions' keeps a copy first.")
