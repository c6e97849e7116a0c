"""What `/ready` says of stores that answer while the hub's own tasks do not."""

from typing import Any

import pytest

from hub.health import Health, Progress
from hub.metrics import Metrics
from hub.probes import unreadable
from resolvers.placement import Placement


async def answers() -> None:
    pass


async def report_of(progress: Progress | None) -> dict[str, Any]:
    async def ask() -> Progress:
        if progress is None:
            raise RuntimeError("no idea")
        return progress

    health = Health({"neo4j": answers}, ask, Metrics(), answering=frozenset({"neo4j"}))
    return await health.report()


@pytest.mark.parametrize(
    ("progress", "state"),
    [
        (Progress(2, 2), "ready"),
        (Progress(2, 1, "the projector has stopped"), "degraded"),
        (Progress(2, 2, None, "ValueError: a grid"), "degraded"),
        (None, "degraded"),
    ],
)
async def test_a_fault_of_a_task_is_no_plain_ready(progress: Progress | None, state: str) -> None:
    report = await report_of(progress)
    assert report["state"] == state
    if progress is not None:
        assert report["projector"]["waiting"] == progress.waiting
        assert report["placement"]["waiting"] == progress.placement


def test_grids_without_a_readable_boundary_are_named() -> None:
    assert unreadable(None) is None
    assert unreadable(Placement([])) is None
    said = unreadable(Placement([(f"g{i}", "junk") for i in range(7)]))
    assert said == "boundaries that cannot be read: Grid g0, g1, g2, g3, g4 and 2 more"
