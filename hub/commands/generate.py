"""`hub generate`: make up a district's records, deterministic from a seed."""

import json
import time
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from hub.district.profile import load_profile
from hub.generate.run import generate
from hub.generate.scale import SCALES

app = typer.Typer()


class ScaleName(StrEnum):
    """The scales a person can ask for, by name."""

    demo = "demo"
    full = "full"
    tiny = "tiny"


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if it is not there.")],
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
