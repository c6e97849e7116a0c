"""A second set of engines, which these tests may kill while the session's go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines_for_tests import clear, hub, make_folder


@pytest.fixture(scope="package")
def victims() -> Iterator[Path]:
    """Data folder of engines started by `hub up`; a test leaves them running or stopped."""
    folder = make_folder()
    try:
        started = hub(folder, "up")
        assert started.returncode == 0, started.stderr
        yield folder
    finally:
        clear(folder)


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data folder; whatever runs in it at the end is stopped."""
    folder = make_folder()
    try:
        yield folder
    finally:
        clear(folder)
