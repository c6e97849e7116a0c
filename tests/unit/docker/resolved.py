"""A compose file with what it includes and extends put in place, as Compose 2.20 does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[3]
DOCKER = PROJECT / "docker"


def resolved(name: str) -> dict[str, Any]:
    """The file of this name in docker/."""
    file: dict[str, Any] = read(name)
    for other in file.pop("include", []):
        for section, entries in read(other).items():
            here = file.setdefault(section, {})
            assert here.keys().isdisjoint(entries), "Compose refuses what is declared twice"
            here.update(entries)
    file["services"] = {key: extended(each) for key, each in file["services"].items()}
    return file


def read(name: str) -> Any:
    """The file as it is written."""
    return yaml.safe_load((DOCKER / name).read_text("utf-8"))


def extended(service: dict[str, Any]) -> dict[str, Any]:
    """A service with the one it extends below it: mappings merge, sequences follow on."""
    extends = service.get("extends")
    if extends is None:
        return service
    made = extended(read(extends["file"])["services"][extends["service"]])
    for key, value in service.items():
        if key == "extends":
            continue
        if isinstance(value, dict) and key in made:
            made[key] = made[key] | value
        elif isinstance(value, list) and key in made and key != "command":
            made[key] = made[key] + value
        else:
            made[key] = value
    return made
