"""`hub federation …` as a steward runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.federation.conftest import Site
from tests.integration.federation.test_registry import see
from tests.subgraph_for_tests import LAMPS, PartnerServer


def written(folder: Path, server: PartnerServer, text: str) -> Path:
    server.sdl = text
    path = folder / "lamps.graphql"
    path.write_text(text, "utf-8")
    return path


async def test_from_check_to_remove(site: Site, server: PartnerServer, tmp_path: Path) -> None:
    file = written(tmp_path, server, LAMPS)
    at = ("--name", "lamps", "--url", server.url)
    told = site.run("list")
    assert (told.returncode, told.stdout) == (
        0, "No partners; 'hub federation add' adds one.\n"
    )  # fmt: skip
    told = site.run("check", file, *at)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[0] == "Nothing speaks against it."
    assert await site.registry().version() is None
    told = site.run("add", file, *at, "--by", "anne", "--reason", "street lamps")
    assert told.stdout.splitlines() == [
        "Stored as version 1 of the supergraph.",
        "It adds: Grid.lamps, Lamp, LampFilter, LampKind, Query.lamp, Query.lamps",
    ]
    told = site.run("check", file, *at)
    assert (told.returncode, told.stdout) == (
        0, "lamps: nothing changes; exactly this is registered.\n"
    )  # fmt: skip
    (listed,) = json.loads(site.run("list", "--json").stdout)
    assert (listed["name"], listed["by"], listed["answers"]) == ("lamps", "anne", True)
    assert listed["versions"][0]["reason"] == "street lamps"

    await see(site, "query Watts { lamps { watts } }", ("Lamp.watts", "Query.lamps"), 1)
    file = written(tmp_path, server, LAMPS.replace("watts: Int\n  kind", "watts: String\n  kind"))
    told = site.run("add", file, "--name", "lamps")
    assert told.returncode == 1
    assert "Watts (" in told.stdout
    assert "seen 3 times" in told.stdout
    assert "Lamp.watts changed type from Int to String" in told.stdout
    assert "Refused, as operations in use would break" in told.stdout
    told = site.run("add", file, "--name", "lamps", "--accept-breaking", "--json")
    assert (told.returncode, json.loads(told.stdout)["version"]) == (0, 2)

    server.behaviour = "text"
    told = site.run("list")
    assert told.stdout.splitlines()[1].split()[-1] == "no"
    assert "but not with the SDL" in told.stdout
    told = site.run("remove", "lamps")
    assert (told.returncode, "Watts (" in told.stdout) == (1, True)
    told = site.run("remove", "lamps", "--accept-breaking", "--by", "ben")
    assert told.stdout.splitlines()[2] == "Stored as version 3 of the supergraph."
    assert site.run("remove", "lamps").returncode == 1


async def test_refusals_name_file_and_line(
    site: Site, server: PartnerServer, tmp_path: Path
) -> None:
    file = written(tmp_path, server, LAMPS.replace("lamps: [Lamp!]\n", "lamps: [Lamp!]!\n"))
    told = site.run("check", file, "--name", "lamps", "--url", server.url)
    assert told.returncode == 1
    assert told.stdout.splitlines() == [
        f"{file}:5: Query.lamps: a root field must be nullable, so that an outage of yours costs "
        "this field only; write [Lamp!] in place of [Lamp!]!",
        "Refused; nothing has changed.",
    ]
    told = site.run("add", file, "--name", "lamps", "--url", server.url, "--json")
    (problem,) = json.loads(told.stdout)["problems"]
    assert (told.returncode, problem["line"], problem["about"]) == (1, 5, "Query.lamps")
    assert await site.registry().version() is None
    file.write_bytes(b"type Query {\n  a: Int # \xff\n}\n")
    told = site.run("check", file, "--name", "lamps", "--url", server.url)
    assert told.stdout.startswith(f"{file}:2: not UTF-8")
    told = site.run("check", file, "--name", "lamps")
    assert f"{file}: lamps is not registered yet; give its address with --url" in told.stdout


async def test_what_stands_in_the_way(site: Site, server: PartnerServer, tmp_path: Path) -> None:
    file = written(tmp_path, server, LAMPS)
    away = {f"HUB_POSTGRES{part}_URL": "postgresql://hub:secret@127.0.0.1:1/hub"
            for part in ("", "_OWNER", "_AUDITOR")}  # fmt: skip
    for command in (("list",), ("remove", "lamps"), ("check", file, "--name", "lamps")):
        told = site.run(*command, **away)
        assert told.returncode == 1
        assert told.stderr.splitlines() == [
            "hub: PostgreSQL, which holds the registry, is not reachable; nothing has changed.",
            "     Start it with 'hub up', or correct HUB_POSTGRES_URL.",
        ]
    told = site.run("check", file, "--name", "lamps", "--url", server.url, PATH="/nonexistent")
    assert told.returncode == 1
    assert told.stderr.splitlines() == [
        "hub: Node, which composes subgraphs, is not installed.",
        "     Install Node 20 and run bin/setup, which installs the gateway's packages.",
    ]
    assert site.run("check", tmp_path / "none.graphql", "--name", "x").returncode == 2
