"""Events of the differential test: of cameras that are there, with all that may be missing."""

from __future__ import annotations

from random import Random
from typing import Any

from resolvers.stores.neo4j import Graph
from schema.wire import EventType
from tests.event_rows import version

CAMERAS = """
MATCH (c:Camera) WITH c ORDER BY c.code LIMIT 80
OPTIONAL MATCH way = (c)-[:IN*]->(:District)
RETURN c.code, [n IN nodes(way)[1..] | n.code], c.location.longitude, c.location.latitude,
       [(c)-[:WATCHES]->(v) | [v.code, head([(v)-[:OPERATED_BY]->(f) | f.code])]]"""

EVENTS = 160


async def events(graph: Graph, random: Random) -> list[dict[str, Any]]:
    """The newest versions of some events each, in the order they were stored."""
    cameras = await graph.run(CAMERAS)
    docs = []
    for number in range(EVENTS):
        code, up, x, y, watched = random.choice(cameras)
        venue, firm = random.choice(watched or [(None, None)])
        verdict = random.choice((None, None, "CONFIRMED", "REJECTED"))
        closed = random.random() < 0.5
        day, hour = random.randint(1, 3), random.randint(0, 23)
        opened = f"2026-01-{day:02}T{hour:02}:{random.choice((0, 59)):02}:00.000000Z"
        later = f"2026-02-{random.randint(1, 3):02}T00:00:00.000000Z"
        docs.append(
            version(
                code,
                f"episode-{number}",
                random.choice((1, 1, 2, 5)),
                type=random.choice(list(EventType)),
                phase=random.choice(("OPENED", "UPDATED", "CLOSED", "REVIEWED")),
                status="CLOSED" if closed else "OPEN",
                closedAt=later if closed else None,
                openedAt=opened,
                updatedAt=later,
                recordedAt=later,
                grid=up[0] if up else None,
                path=list(reversed(up or [])),
                venue=venue,
                firm=firm,
                position=None if x is None else {"longitude": x, "latitude": y},
                zone=random.choice((None, "路口", "kerb", "O'Neill", '"a"')),
                confidence=random.choice((0.0, 0.25, 0.5, 0.75, 1.0, 0.1)),
                verdict=verdict,
                reviewedBy=None if verdict is None else "李",
                reviewedAt=None if verdict is None else later,
                reviewNote=random.choice((None, "見た")),
                rule=random.choice(("parking", "crowd")),
                evidence=[
                    {"kind": "CLIP", "sha256": "0" * 64, "mediaType": "video/mp4"}
                    for _ in range(random.randint(0, 2))
                ],
                box=random.choice((None, [0.5, 1.0, 2.0, 3.25])),
                attributes=random.choice(({}, {"people": 31, "named": {"b": 1, "a": [None]}})),
                model=random.choice((None, "ssdlite")),
            )
        )
    return docs
