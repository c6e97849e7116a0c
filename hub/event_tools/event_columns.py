"""An event as a row of a Parquet file.

The columns are those of the messages on the topic `events` (schema/wire.py, Event), in snake_case:
instants are timestamps in UTC, `box` and `path` lists, `evidence` a list of structs, `longitude`
and `latitude` (WGS 84, degrees) the position. `attributes` and `before` are JSON as text, as their
shape differs from rule to rule and from version to version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped]

INSTANT = pa.timestamp("us", tz="UTC")
EVIDENCE = pa.struct([("kind", pa.string()), ("sha256", pa.string()), ("media_type", pa.string())])

COLUMNS: dict[str, tuple[pa.DataType, str, bool]] = {
    "id": (pa.string(), "id", False),
    "version": (pa.int32(), "version", False),
    "phase": (pa.string(), "phase", False),
    "type": (pa.string(), "type", False),
    "status": (pa.string(), "status", False),
    "camera": (pa.string(), "camera", False),
    "grid": (pa.string(), "grid", True),
    "venue": (pa.string(), "venue", True),
    "firm": (pa.string(), "firm", True),
    "path": (pa.list_(pa.string()), "path", False),
    "zone": (pa.string(), "zone", True),
    "longitude": (pa.float64(), "position.longitude", True),
    "latitude": (pa.float64(), "position.latitude", True),
    "opened_at": (INSTANT, "openedAt", False),
    "updated_at": (INSTANT, "updatedAt", False),
    "closed_at": (INSTANT, "closedAt", True),
    "recorded_at": (INSTANT, "recordedAt", False),
    "confidence": (pa.float64(), "confidence", False),
    "observations": (pa.int64(), "observations", False),
    "verdict": (pa.string(), "verdict", True),
    "reviewed_by": (pa.string(), "reviewedBy", True),
    "reviewed_at": (INSTANT, "reviewedAt", True),
    "review_note": (pa.string(), "reviewNote", True),
    "review_id": (pa.string(), "reviewId", True),
    "box": (pa.list_(pa.float64()), "box", True),
    "evidence": (pa.list_(EVIDENCE), "evidence", False),
    "attributes": (pa.string(), "attributes", False),
    "rule": (pa.string(), "rule", False),
    "rule_version": (pa.string(), "ruleVersion", False),
    "model": (pa.string(), "model", True),
    "model_version": (pa.string(), "modelVersion", True),
    "source": (pa.string(), "source", False),
    "before": (pa.string(), "before", True),
}
"""Name: type, the field of the message, and whether it may be null."""

SCHEMA = pa.schema(
    [pa.field(name, kind, nullable=empty) for name, (kind, _, empty) in COLUMNS.items()],
    metadata={"source": "City Hub, hub events export", "messages": "schema/wire.py, Event"},
)


def batch_of(docs: list[str]) -> pa.RecordBatch:
    """Messages as columns."""
    events = [orjson.loads(doc) for doc in docs]
    arrays = [
        pa.array([_value(event, field, kind) for event in events], kind)
        for kind, field, _ in COLUMNS.values()
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _value(event: dict[str, Any], field: str, kind: pa.DataType) -> Any:
    if field.startswith("position."):
        position = event.get("position")
        return None if position is None else position[field.removeprefix("position.")]
    value = event.get(field)
    if value is None:
        return None
    if kind == INSTANT:
        return datetime.fromisoformat(value)
    if field in ("attributes", "before"):
        return orjson.dumps(value).decode()
    if field == "evidence":
        return [
            {"kind": each["kind"], "sha256": each["sha256"], "media_type": each["mediaType"]}
            for each in value
        ]
    return value
