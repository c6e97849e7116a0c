"""Removing what is older than an instant, month by month, then in small steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from hub.errors import HubError
from resolvers.stores.event_pruning import Busy, Plan, Pruning


@dataclass
class Pruned:
    """What was removed."""

    months: int = 0
    versions: int = 0
    events: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


async def prune(
    pruning: Pruning, plan: Plan, advance: Callable[[int], None] = lambda count: None
) -> Pruned:
    """Remove what the plan names. Can be interrupted and repeated at any time.

    Raises HubError if others keep the tables locked.
    """
    done = Pruned()
    try:
        for month in plan.months:
            done.versions += (gone := await pruning.drop(month))
            done.months += 1
            advance(gone)
        while gone := await pruning.remove_versions(plan.before):
            done.versions += gone
            advance(gone)
        while gone := await pruning.remove_events(plan.before):
            done.events += gone
            advance(gone)
    except Busy as error:
        raise HubError(
            f"Others keep the tables locked; {done.versions} versions and {done.events} events "
            "were removed so far.",
            "Begin again when less is read; what is done stays done.",
        ) from error
    return done


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """What would be removed, for machines."""
    return {
        "before": plan.before.isoformat(),
        "months": [month.name for month in plan.months],
        "bytes": sum(month.bytes for month in plan.months),
        "versions": plan.versions,
        "events": plan.events,
    }
