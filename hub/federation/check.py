"""The check of a partner's subgraph, or of its removal: all that is wrong, and what would break."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import GraphQLSchema, build_schema

from hub.federation.address import url_fault
from hub.federation.breakage import Breakage, breakages
from hub.federation.compose import compose
from hub.federation.conflict import conflicts
from hub.federation.difference import altered, gained
from hub.federation.document import Sdl, SdlError
from hub.federation.entry import link_problem, name_problem, read_sdl, reserved_problems
from hub.federation.owners import Owners
from hub.federation.ownership import ownership_problems
from hub.federation.places import Places
from hub.federation.problem import Problem
from hub.federation.registered import Registered
from hub.federation.report import Report
from hub.federation.served import served_problems
from hub.federation.subgraph import Subgraph
from hub.federation.submission import Submission
from hub.federation.supergraph import Supergraph


async def check_submission(
    submission: Submission, registered: Registered
) -> tuple[Report, Supergraph | None]:
    """What speaks against a partner's subgraph, and the supergraph that it would make.

    The supergraph has no version yet; it is None where nothing can be composed. Raises
    ComposerUnavailable, OwnConflict, StoreUnavailable.
    """
    name = submission.name
    known = registered.partner(name)
    url = submission.url or (known.url if known else None)
    problems = list(_outside(name, url, registered))
    sdl, wrong = _read(submission.text)
    if sdl is None or url is None:
        return Report(name, (*problems, *wrong)), None
    served = [] if url_fault(url) else await served_problems(url, sdl)
    served = [replace(each, about="--url") if each.line is None else each for each in served]
    if wrong or name_problem(name, registered.own_names):
        return Report(name, _sorted([*problems, *wrong, *served])), None
    others = registered.others(name)
    wrong = list(await asyncio.to_thread(_claims, sdl, others))
    made = await compose([*others, Subgraph(name, url, submission.text, partner=True)])
    wrong += conflicts(made.errors, Places(sdl), wrong)
    report = Report(name, _sorted([*problems, *wrong, *served]))
    if made.errors:
        await registered.without(name)
        return report, None
    before = await registered.before()
    base = before if known is None else await registered.without(name)
    foreign = await asyncio.to_thread(_foreign, base, made.api, sdl, others)
    foreign = [each for each in foreign if each.about not in {p.about for p in wrong}]
    report = replace(report, problems=_sorted([*report.problems, *foreign]))
    report = await _compared(report, before, made.api, registered)
    if known and (known.url, known.sdl) == (url, submission.text):
        report = replace(report, unchanged=True)
    partners = tuple(sorted({*registered.names_beside(name), name}))
    return report, Supergraph(0, made.supergraph, made.api, partners)


async def check_removal(name: str, registered: Registered) -> tuple[Report, Supergraph | None]:
    """What speaks against removing a partner, and the supergraph that would remain."""
    if registered.partner(name) is None:
        there = ", ".join(each.name for each in registered.partners) or "there are none"
        told = f"no partner is called {name!r}; registered: {there}"
        return Report(name, (Problem(None, told),)), None
    before = await registered.before()
    made = await compose(registered.others(name))
    if made.errors:
        problems = tuple(
            Problem(
                None,
                f"another partner needs it: {error.message}; have that one updated or removed "
                "first",
            )
            for error in made.errors
        )
        return Report(name, problems), None
    report = await _compared(Report(name), before, made.api, registered)
    partners = registered.names_beside(name)
    return report, Supergraph(0, made.supergraph, made.api, partners)


def _outside(name: str, url: str | None, registered: Registered) -> Iterator[Problem]:
    """What is wrong besides the file."""
    if problem := name_problem(name, registered.own_names):
        yield problem
    if url is None:
        yield Problem(None, f"{name} is not registered yet; give its address with --url", "--url")
    elif fault := url_fault(url):
        yield Problem(None, fault, "--url")


def _read(text: str) -> tuple[Sdl | None, list[Problem]]:
    try:
        sdl = read_sdl(text)
    except SdlError as error:
        return None, [Problem(error.line, error.message)]
    problem = link_problem(sdl)
    return sdl, [problem] if problem else list(reserved_problems(sdl))


def _claims(sdl: Sdl, others: list[Subgraph]) -> list[Problem]:
    return list(ownership_problems(sdl, Owners(others)))


def _foreign(base: str, after: str, sdl: Sdl, others: list[Subgraph]) -> list[Problem]:
    """Changes of what belongs to others, whatever way they came about."""
    owners, places = Owners(others), Places(sdl)
    old, new = _schema(base), _schema(after)
    entities = {name for name in old.type_map if owners.keys(name)}
    found = []
    for each in altered(old, new, entities):
        about = each.coordinate.partition(" ")[0]
        owner = owners.of_type(about.partition(".")[0].strip("@")) or "the hub"
        now = f"it would be {each.now}" if each.now else "it would be gone"
        told = (
            f"{each.coordinate} belongs to {owner} and would change: "
            f"it is {each.was or 'not there'}, {now}; leave others' definitions as they are"
        )
        found.append(Problem(places.line(about) or 1, told, about))
    return found


async def _compared(report: Report, before: str, after: str, registered: Registered) -> Report:
    """With what comes, what goes, and which operations in use would break."""
    seen = await registered.seen()

    def compare() -> tuple[list[str], list[str], tuple[Breakage, ...]]:
        old, new = _schema(before), _schema(after)
        return gained(old, new), gained(new, old), tuple(breakages(seen, old, new))

    added, removed, broken = await asyncio.to_thread(compare)
    return replace(report, added=tuple(added), removed=tuple(removed), breaks=broken)


def _schema(sdl: str) -> GraphQLSchema:
    return build_schema(sdl, assume_valid=True)


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda each: (each.line or 0, each.message)))
