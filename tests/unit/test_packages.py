"""What is imported is ours: `hub`, `schema` and `detectors` are names on the package index too."""

import importlib
from importlib import metadata
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OURS = ["hub", "schema", "resolvers", "detectors"]


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_packages_is_imported_from_this_repository(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == PROJECT / name / "__init__.py"


def test_no_stranger_of_our_names_is_installed() -> None:
    installed = {(each.name or "").lower() for each in metadata.distributions()}
    assert not installed & {*OURS, "opencv-python"}


def test_the_constraints_refuse_the_strangers() -> None:
    constraints = (PROJECT / "constraints.txt").read_text()
    for name in (*OURS, "opencv-python"):
        assert f"{name}==0.0.0+refused" in constraints


def test_at_most_one_distribution_provides_cv2() -> None:
    providers = set(metadata.packages_distributions().get("cv2", []))
    assert len(providers) <= 1, f"cv2 comes from {providers}"
