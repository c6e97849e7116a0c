"""`hub generate`: make up a district's records, or detections, deterministic from a seed."""

import asyncio
import json
import time
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from hub.commands.counting import counting
from hub.district.profile import load_profile
from hub.generate.run import generate
from hub.generate.scale import SCALES
from hub.settings import Settings

app = typer.Typer()


class ScaleName(StrEnum):
    """The scales a person can ask for, by name."""

    demo = "demo"
    full = "full"
    tiny = "tiny"


@app.callback(invoke_without_command=True)
def make(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to; made if it is not there.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and date, same files.")] = 1,
    scale: Annotated[ScaleName, typer.Option(help="How much.")] = ScaleName.demo,
    district: Annotated[
        str, typer.Option(help="A district's name, or the path of its district.yaml.")
    ] = "shinan",
    on: Annotated[
        str | None,
        typer.Option("--date", help="Date that statuses hold on, YYYY-MM-DD; today if not given."),
    ] = None,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Make up a district: grids, buildings, venues, firms, licences and cameras."""
    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise typer.BadParameter("Give the folder to write to.", param_hint="--out")
    profile = load_profile(district)
    try:
        today = date.fromisoformat(on) if on else datetime.now(profile.zone).date()
    except ValueError as error:
        raise typer.BadParameter(f"{on} is not a date like 2026-01-31.") from error
    size = SCALES[scale.value]
    console = Console(stderr=True, quiet=as_text)
    started = time.monotonic()
    with Progress(console=console, transient=True, disable=as_text) as progress:
        task = progress.add_task(f"Making {size.total:,} records", total=size.total)
        counts = generate(
            profile, size, seed, today, out, lambda name, count: progress.advance(task, count)
        )
    seconds = round(time.monotonic() - started, 2)
    if as_text:
        summary = {
            "folder": str(out),
            "seed": seed,
            "scale": size.name,
            "reference_date": today.isoformat(),
            "records": sum(counts.values()),
            "files": counts,
            "seconds": seconds,
        }
        print(json.dumps(summary, ensure_ascii=False))
        return
    for name, count in counts.items():
        print(f"{count:>9,}  {name}")
    print(f"{sum(counts.values()):>9,}  records in {out}, {seconds} s")


@app.command()
def detections(
    rate: Annotated[
        float, typer.Option(min=0, help="Detections a second; 0: as many as Kafka takes.")
    ] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and start, same detections.")] = 1,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many; without end if empty.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="For how long, in place of --count.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(help="Capture time (UTC) of the first; now if not given.")
    ] = None,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Make up detections of the cameras in the change log, and send them to Kafka."""
    from hub.engines import addresses
    from hub.ingest.generated import send_generated

    settings = Settings()
    if seconds is not None:
        if not rate or count is not None:
            raise typer.BadParameter("--seconds needs a --rate, and no --count.")
        count = max(1, int(rate * seconds))
    began = start.replace(tzinfo=UTC) if start else None
    with counting("detections", quiet=as_text) as advance:
        sent = asyncio.run(
            send_generated(
                settings,
                addresses(settings),
                rate=rate,
                seed=seed,
                count=count,
                began=began,
                advance=advance,
            )
        )
    print(json.dumps({"sent": sent}) if as_text else f"{sent:,} detections sent")
