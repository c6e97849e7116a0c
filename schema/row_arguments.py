"""The arguments of every connection of rows."""

from __future__ import annotations

from resolvers.row_types import RowType
from schema.blocks import Argument


def row_arguments(row: RowType) -> dict[str, Argument]:
    """The arguments of every connection of rows."""
    order = "In which order; newest first where none is given."
    return {
        "filter": Argument(f"{row.name}Filter", "Which ones.", None),
        "orderBy": Argument(f"[{row.name}Order!]", order, None),
        "first": Argument("Int", "How many from the start.", None),
        "after": Argument("Cursor", "After this cursor.", None),
        "last": Argument("Int", "How many from the end.", None),
        "before": Argument("Cursor", "Before this cursor.", None),
    }
