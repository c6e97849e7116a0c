"""`hub events dead`: messages that ingest could not take."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from hub.commands.counting import counting
from hub.engines import addresses
from hub.errors import HubError
from hub.event_tools.dead_list import Overview, overview
from hub.event_tools.dead_replay import Replayed, replay
from hub.event_tools.letters import Letter, Shelf, Wanted, place_of
from hub.event_tools.moments import moment, zone_of
from hub.settings import Settings
from schema.wire import DEAD

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Tell machines, not people.")]
Reason = Annotated[str | None, typer.Option(help="Only those with this in their reason.")]
Camera = Annotated[str | None, typer.Option(help="Only those of this camera (the key).")]
Since = Annotated[str | None, typer.Option(help="Only those that died since: date or instant.")]
Until = Annotated[str | None, typer.Option(help="Only those that died before: date or instant.")]
MOST_REASONS_SHOWN = 20


@app.callback()
def dead() -> None:
    """List, show and replay messages that ingest could not take."""


@app.command("list")
def list_letters(
    reason: Reason = None,
    camera: Camera = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Letters to show.")] = 20,
    last: Annotated[
        int, typer.Option(min=1, help="Offsets to look at, from the end of each partition.")
    ] = 10_000,
    as_text: AsJson = False,
) -> None:
    """Show the newest dead letters, and how many died of what."""
    settings = Settings()
    wanted = _wanted(settings, reason, camera, since, until)

    async def run() -> Overview:
        shelf = await Shelf.open(addresses(settings), settings.topic_prefix + DEAD, last)
        return await overview(shelf, wanted, limit)

    found = asyncio.run(run())
    if as_text:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        _show_overview(found)


@app.command()
def show(
    place: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as 'list' tells it.")],
    as_text: AsJson = False,
) -> None:
    """Show one dead letter whole."""
    settings = Settings()

    async def run() -> Letter | None:
        shelf = await Shelf.open(addresses(settings), settings.topic_prefix + DEAD)
        return await shelf.letter(_place(place))

    letter = asyncio.run(run())
    if letter is None:
        raise HubError(f"There is no dead letter at {place}.", "'hub events dead list' tells all.")
    if as_text:
        print(letter.told.model_dump_json(by_alias=True))
        return
    told = letter.told
    print(f"died    {told.died_at.isoformat()}")
    print(f"reason  {plain(told.reason)}")
    print(f"from    {told.topic} {told.partition}:{told.offset}")
    print(f"key     {plain(told.key or 'none')}")
    print(f"value   ({told.encoding})\n{plain(told.value)}")


@app.command("replay")
def replay_letters(
    places: Annotated[
        list[str] | None, typer.Argument(help="PARTITION:OFFSET of each letter.")
    ] = None,
    reason: Reason = None,
    camera: Camera = None,
    since: Since = None,
    until: Until = None,
    all_letters: Annotated[bool, typer.Option("--all", help="All letters.")] = False,
    again: Annotated[bool, typer.Option(help="Those that were replayed before, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
    as_text: AsJson = False,
) -> None:
    """Send dead letters again to the topic they came from; 1 if some cannot be.

    Do so when the reason is gone: a camera is known now, a fault is mended.
    """
    settings = Settings()
    if not (places or reason or camera or since or until or all_letters):
        raise typer.BadParameter("say which: PARTITION:OFFSET …, --reason … or --all.")
    chosen = frozenset(_place(place) for place in places or ())
    wanted = _wanted(settings, reason, camera, since, until, chosen or None)
    with counting("letters replayed", quiet=as_text) as advance:
        done = asyncio.run(
            replay(
                addresses(settings),
                settings.topic_prefix,
                wanted,
                again=again,
                dry=dry_run,
                advance=advance,
            )
        )
    absent = len(chosen) - done.sent - done.before - done.refusals if chosen else 0
    if as_text:
        refused = [{"place": place, "reason": why} for place, why in done.refused]
        told: dict[str, Any] = {"replayed": done.sent, "before": done.before, "dryRun": dry_run}
        told |= {"refused": done.refusals, "refusals": refused, "absent": absent}
        print(json.dumps(told, ensure_ascii=False))
    else:
        _show_replayed(done, dry_run, absent)
    if done.refusals or absent:
        raise typer.Exit(1)


def plain(text: str) -> str:
    """A text that came from outside, safe on a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def _place(text: str) -> str:
    try:
        partition, offset = place_of(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error
    return f"{partition}:{offset}"


def _wanted(
    settings: Settings,
    reason: str | None,
    camera: str | None,
    since: str | None,
    until: str | None,
    places: frozenset[str] | None = None,
) -> Wanted:
    def at(text: str | None) -> datetime | None:
        return None if text is None else moment(text, zone_of(settings))

    try:
        return Wanted(reason, camera, at(since), at(until), places)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


def _show_overview(found: Overview) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if not found.count:
        console.print("No dead letters.")
        return
    console.print(f"{found.count:,} dead letters, {found.replayed:,} of them replayed:")
    for reason, count in found.reasons.most_common(MOST_REASONS_SHOWN):
        console.print(f"{count:>9,}  {plain(reason)[:200]}", markup=False)
    table = Table("Place", "Died", "Camera", "Topic", "Replayed", "Reason", box=None)
    for letter, replayed in found.newest:
        told = letter.told
        table.add_row(
            letter.place,
            told.died_at.isoformat(timespec="seconds"),
            _cell(told.key or "", 64),
            _cell(told.topic, 64),
            "yes" if replayed else "",
            _cell(told.reason, 80),
        )
    console.print(table)


def _cell(text: str, most: int) -> str:
    return plain(text)[:most].replace("[", "\\[")


def _show_replayed(done: Replayed, dry: bool, absent: int) -> None:
    verb = "would be replayed" if dry else "replayed"
    print(f"{done.sent:,} letters {verb}, {done.before:,} were replayed before.")
    if absent > 0:
        print(f"{absent:,} are not there; 'hub events dead list' tells those that are.")
    for place, why in done.refused:
        print(f"{place} cannot be replayed: {plain(why)}.")
    if done.refusals > len(done.refused):
        print(f"… and {done.refusals - len(done.refused):,} more.")
