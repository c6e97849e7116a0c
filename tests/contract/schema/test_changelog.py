"""A change of the schema that breaks callers of the last release is named in the changelog.

Each release's SDL is kept in `schema/releases`. npm's `@graphql-inspector/core` tells what changed
since the newest of them, and which changes break.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
CHANGELOG = PROJECT / "CHANGELOG.md"
CLIENTS = PROJECT / "tests" / "clients"
COMMITTED = PROJECT / "schema" / "schema.graphql"
RELEASES = PROJECT / "schema" / "releases"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "@graphql-inspector").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)


@dataclass(frozen=True)
class Change:
    """What differs between two schemas, at `Type.field`, `Type.field.argument`, `Enum.VALUE`…"""

    criticality: str
    path: str
    message: str


def newest(releases: Path) -> Path:
    """The SDL of the latest version in this folder; versions are compared number by number."""
    return max(releases.glob("*.graphql"), key=lambda file: [int(n) for n in file.stem.split(".")])


def versions(changelog: str) -> list[str]:
    """The released versions that a changelog tells of, as written."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)


def unreleased(changelog: str) -> str:
    """The text of a changelog's section "Unreleased"."""
    [section] = re.findall(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    return str(section)


def changes(before: Path, after: Path) -> list[Change]:
    """What @graphql-inspector/core tells of two files of SDL."""
    done = subprocess.run(
        ["node", str(CLIENTS / "diff.mjs"), str(before), str(after)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Change(**each) for each in json.loads(done.stdout)]


def unnamed(found: list[Change], section: str) -> list[str]:
    """The breaking changes whose path does not stand in backticks in a section of a changelog."""
    return [
        f"`{each.path}`: {each.message}"
        for each in found
        if each.criticality == "BREAKING" and f"`{each.path}`" not in section
    ]


@needs_node
def test_breaking_changes_are_named() -> None:
    last = newest(RELEASES)
    found = changes(last, COMMITTED)
    for each in found:
        if each.criticality == "DANGEROUS":
            print(f"may surprise callers of {last.stem}: `{each.path}`: {each.message}")
    assert unnamed(found, unreleased(CHANGELOG.read_text("utf-8"))) == [], (
        f"these break callers of {last.stem}: name each path, in backticks, under "
        '"Unreleased" in CHANGELOG.md'
    )


def test_each_release_keeps_its_sdl() -> None:
    told = versions(CHANGELOG.read_text("utf-8"))
    assert sorted(told) == sorted(file.stem for file in RELEASES.glob("*.graphql"))


def test_the_newest_release_is_that_of_the_highest_version(tmp_path: Path) -> None:
    for version in ("0.9.1", "0.10.0", "0.2.11"):
        (tmp_path / f"{version}.graphql").touch()
    assert newest(tmp_path).stem == "0.10.0"


def test_only_the_unreleased_section_counts() -> None:
    changelog = "# C\n\n## [Unreleased]\n\n### Removed\n- `A.b`\n\n## [0.1.0]\n- `C.d`\n"
    assert unreleased(changelog).split() == ["###", "Removed", "-", "`A.b`"]
    assert unreleased("## [Unreleased]\n") == ""
    assert versions(changelog) == ["0.1.0"]


BREAKS = {
    "VenueKind.CLINIC": ("Enum value 'CLINIC' was removed", "  CLINIC\n", ""),
    "Venue.floorArea": ("Field 'floorArea' was removed", "  floorArea: Float\n", ""),
    "Query.venues.first": ("changed from 'Int' to 'Int!'", "    first: Int\n", "    first: Int!\n"),
}
"""Path: what is told of it, the line that is written otherwise, and what stands there instead."""


def doctored(sdl: str, path: str, line: str, instead: str) -> str:
    """An SDL without descriptions, one line of what a path leads to written otherwise."""
    bare = re.sub(r'^ *"""[\s\S]*?"""\n', "", sdl, flags=re.MULTILINE)
    names = path.split(".")
    at = re.search(rf"^(?:type|enum) {names[0]} ", bare, re.MULTILINE)
    assert at is not None
    start = at.start() if len(names) == 2 else bare.index(f"\n  {names[1]}(", at.start())
    place = bare.index(line, start)
    return bare[:place] + instead + bare[place + len(line) :]


@needs_node
@pytest.mark.parametrize("path", BREAKS)
def test_a_breaking_change_must_be_named(path: str, tmp_path: Path) -> None:
    told, line, instead = BREAKS[path]
    after = tmp_path / "after.graphql"
    after.write_text(doctored(COMMITTED.read_text("utf-8"), path, line, instead), "utf-8")
    found = changes(COMMITTED, after)
    [missing] = unnamed(found, f"Something else, and {path} without backticks.")
    assert missing.startswith(f"`{path}`: ")
    assert told in missing
    assert unnamed(found, f"- `{path}` is no more.") == []


@needs_node
def test_what_only_adds_breaks_nothing(tmp_path: Path) -> None:
    sdl = COMMITTED.read_text("utf-8")
    after = tmp_path / "after.graphql"
    after.write_text(
        sdl.replace("\nenum VenueKind {\n", "\nenum VenueKind {\n  CINEMA\n").replace(
            "\ntype Query {\n", "\ntype Query {\n  age: Int\n"
        ),
        "utf-8",
    )
    assert sorted((each.criticality, each.path) for each in changes(COMMITTED, after)) == [
        ("DANGEROUS", "VenueKind.CINEMA"),
        ("NON_BREAKING", "Query.age"),
    ]
