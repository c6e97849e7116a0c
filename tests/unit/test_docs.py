"""The documents say what is there: settings, commands, links, and queries that fit the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)

from hub.commands.main import COMMANDS
from hub.settings import Settings
from hub.settings_page import sections, settings_page
from schema.build import whole

PROJECT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
ROOMS = ("hub", "schema", "resolvers", "detectors", "tests", "docker")
DOCUMENTS = [
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"{room}/README.md" for room in ROOMS),
    *(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md")),
]


def read(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The names that a heading of the page can be linked by."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_each_setting_is_in_the_table(name: str) -> None:
    assert f"| `HUB_{name.upper()}` |" in read("docs/settings.md"), (
        "run `hub export settings --out docs/settings.md`"
    )


def test_the_table_of_settings_is_current() -> None:
    assert read("docs/settings.md") == settings_page(), (
        "the settings changed: run `hub export settings --out docs/settings.md`"
    )


def test_the_sections_hold_every_setting_once() -> None:
    found = [name for _, names in sections() for name in names]
    assert found == list(Settings.model_fields)
    assert all(title for title, _ in sections())


@pytest.mark.parametrize("name", READMES)
def test_each_command_is_in_the_readme(name: str) -> None:
    text = read(name)
    missing = [command for command in COMMANDS if f"`hub {command}" not in text]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_command_that_a_document_names_is_there(name: str) -> None:
    shown = set(re.findall(r"(?:`|bin/|^)hub ([a-z]+)", read(name), re.MULTILINE))
    assert shown <= set(COMMANDS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_make_target_that_a_document_names_is_there(name: str) -> None:
    shown = set(re.findall(r"(?:`|^)make ([a-z-]+)", read(name), re.MULTILINE))
    assert shown <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_setting_that_a_document_names_is_there(name: str) -> None:
    known = set(re.findall(r"`(HUB_[A-Z0-9_]+)`", settings_page()))
    shown = set(re.findall(r"HUB_[A-Z0-9_]*[A-Z0-9]\b", read(name)))
    assert shown - known - {"HUB_X"} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_link_leads_somewhere(name: str) -> None:
    text = read(name)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        page = (PROJECT / name).parent / path if path else PROJECT / name
        assert page.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in anchors(page.read_text("utf-8")), f"{name} links to {target}"


@pytest.mark.parametrize("name", READMES)
def test_the_queries_of_the_readme_fit_the_schema(name: str) -> None:
    schema = build_schema(whole().as_str())
    shown = blocks(read(name), "graphql")
    assert len(shown) >= 3
    for document in shown:
        assert validate(schema, parse(document)) == []


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "docs").glob("*.md")), ids=lambda path: path.name
)
def test_the_operations_of_the_documents_fit_the_schema(path: Path) -> None:
    schema = build_schema(whole().as_str())
    for document in blocks(path.read_text("utf-8"), "graphql"):
        parsed = parse(document)
        if all(
            isinstance(each, OperationDefinitionNode | FragmentDefinitionNode)
            for each in parsed.definitions
        ):
            assert validate(schema, parsed) == []


def test_both_readmes_hold_the_same_blocks() -> None:
    english, chinese = (read(name) for name in READMES)
    for language in ("graphql", "json"):
        assert blocks(english, language) == blocks(chinese, language)


def test_the_picture_is_there_and_small() -> None:
    assert (PROJECT / "docs" / "graphiql.png").stat().st_size < 400_000
