"""How each store is asked whether it is there, and where projector and log stand."""

from __future__ import annotations

import contextlib

from hub.health import Probe, Progress
from hub.stores import Stores
from hub.upkeep import Upkeep
from resolvers.errors import StoreUnavailable
from resolvers.placement import Placement
from resolvers.stores.probes import probe_kafka
from resolvers.stores.projector import STAND

LOG_POSITION = "select position from change_head"


def probes_of(stores: Stores, seconds: float) -> dict[str, Probe]:
    """A probe for each store, over the connections that requests use."""

    async def neo4j() -> None:
        await stores.graph.run_record("RETURN 1", {})

    async def postgres() -> None:
        await stores.postgres.fetchval("select 1")

    async def kafka() -> None:
        answer = await probe_kafka(stores.addresses, seconds)
        if not answer.answers:
            raise StoreUnavailable(answer.error or "no answer", store="kafka")

    return {"neo4j": neo4j, "postgres": postgres, "kafka": kafka}


async def progress_of(stores: Stores, upkeep: Upkeep) -> Progress:
    """Positions of the log and of the graph, each None while its store is down."""
    log = graph = None
    with contextlib.suppress(StoreUnavailable):
        log = await stores.postgres.fetchval(LOG_POSITION)
    try:
        stand = await stores.graph.run_record(STAND, {})
        graph = stand[0] if stand else None
    except StoreUnavailable:
        pass
    waiting = upkeep.trouble or stores.projector.trouble
    placing = upkeep.placement_trouble or unreadable(stores.services.placement)
    if "projector" in upkeep.stopped:
        waiting = waiting or "the projector has stopped"
    if "grids" in upkeep.stopped:
        placing = placing or "the placement has stopped"
    return Progress(log, graph, waiting, placing)


def unreadable(placement: Placement | None) -> str | None:
    """Which grids have no place because their shape cannot be read; None if there are none."""
    if placement is None or not placement.unreadable:
        return None
    few, more = placement.unreadable[:5], len(placement.unreadable) - 5
    rest = f" and {more} more" if more > 0 else ""
    return f"boundaries that cannot be read: Grid {', '.join(few)}{rest}"
