"""A typed client: sends both operations to the hub at HUB_URL with HUB_TOKEN, prints their data."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime

from district import Client
from district.enums import VenueKind
from district.input_types import CreateVenueInput, PositionInput

client = Client(
    url=f"{os.environ['HUB_URL']}/graphql",
    headers={"Authorization": f"Bearer {os.environ['HUB_TOKEN']}"},
)
with client:
    added = client.add_venue(
        CreateVenueInput(
            code="PYTHON-1",
            name="类型咖啡馆",
            kind=VenueKind.EATERY,
            location=PositionInput(longitude=120.035, latitude=36.005),
            clientMutationId="python-1",
        )
    )
    assert added.create_venue is not None
    assert added.create_venue.venue.grid is not None
    asked = client.shops_of_grid(
        grid=added.create_venue.venue.grid.code,
        since=datetime(2020, 1, 1, tzinfo=UTC),
        first=2,
        on=date(2024, 2, 1),
    )

# The types are those of the schema, not `Any`: mypy refuses what does not fit, and would tell of a
# comment here that is of no use.
recorded: datetime = added.create_venue.venue.recorded_at
area: float | None = asked.venues.nodes[0].floor_area
position: int = added.create_venue.position  # type: ignore[assignment]
refused: list[Callable[[], object]] = [
    lambda: asked.venues.nodes[0].address,  # type: ignore[attr-defined]
    lambda: CreateVenueInput(code="1", name="1", kind="CASTLE"),  # type: ignore[arg-type]
    lambda: client.shops_of_grid(grid="1"),  # type: ignore[call-arg]
]

print(
    json.dumps(
        {
            "added": added.model_dump(mode="json", by_alias=True),
            "asked": asked.model_dump(mode="json", by_alias=True),
            "area": area,
            "position": position,
        }
    )
)
