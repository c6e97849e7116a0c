"""Reports and partners as people and machines are told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.federation.breakage import DAYS
from hub.federation.partner import Partner
from hub.federation.report import Report

MOST = 20
"""Operations and coordinates listed; the rest is counted."""


def show_report(report: Report, file: str, accept_breaking: bool = False) -> None:
    """What a check found and what was done, for a person."""
    outside = all(problem.about in ("--name", "--url") for problem in report.problems)
    for problem in report.problems:
        print(problem.at(str(problem.about) if outside else file))
    _show_breaks(report)
    if report.problems:
        print("Refused; nothing has changed.")
    elif report.breaks and not accept_breaking:
        print("Refused, as operations in use would break; --accept-breaking takes that on.")
    elif report.unchanged:
        print(f"{report.name}: nothing changes; exactly this is registered.")
    elif report.version is not None:
        print(f"Stored as version {report.version} of the supergraph.")
    else:
        print("Nothing speaks against it.")
    for what, listed in (("adds", report.added), ("takes away", report.removed)):
        if listed and not report.problems and not report.unchanged:
            print(f"It {what}: {_some(listed)}")


def _show_breaks(report: Report) -> None:
    if not report.breaks:
        return
    print(f"Operations seen in the last {DAYS} days that would break: {len(report.breaks):,}")
    for each in report.breaks[:MOST]:
        times = "once" if each.times == 1 else f"{each.times:,} times"
        print(
            f"  {each.name or 'without a name'} ({each.hash}), seen {times}, "
            f"last at {each.last_seen:%Y-%m-%d %H:%M} UTC: {', '.join(each.fields)}: {each.reason}"
        )
    if len(report.breaks) > MOST:
        print(f"  and {len(report.breaks) - MOST:,} more; --json lists all")


def _some(listed: Sequence[str]) -> str:
    more = f" and {len(listed) - MOST:,} more" if len(listed) > MOST else ""
    return ", ".join(listed[:MOST]) + more


def show_partners(partners: Sequence[Partner], faults: Mapping[str, str | None]) -> None:
    """The partners as a table."""
    if not partners:
        print("No partners; 'hub federation add' adds one.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("name", "address", "version", "since", "by", "answers"):
        table.add_column(title, no_wrap=title != "address", overflow="fold")
    for each in partners:
        table.add_row(
            each.name,
            each.url,
            str(each.version),
            f"{each.added_at:%Y-%m-%d %H:%M}",
            each.added_by,
            "no" if faults[each.name] else "yes",
        )
    console = Console(markup=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table, highlight=False)
    for each in partners:
        if fault := faults[each.name]:
            print(f"{each.name}: {fault}")


def as_json(partner: Partner, fault: str | None) -> dict[str, Any]:
    """One partner for machines, with its history."""
    return {
        "name": partner.name,
        "url": partner.url,
        "version": partner.version,
        "since": partner.added_at.isoformat(),
        "by": partner.added_by,
        "answers": fault is None,
        "fault": fault,
        "versions": [
            {
                "version": each.version,
                "operation": each.operation,
                "url": each.url,
                "by": each.actor,
                "reason": each.reason,
                "at": each.recorded_at.isoformat(),
                "supergraph": each.supergraph,
            }
            for each in partner.versions
        ],
    }
