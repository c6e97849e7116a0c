"""Arguments of fields that list rows, drawn from the rows that are there."""

from __future__ import annotations

from random import Random
from typing import Any

from resolvers.catalog import Field, ValueType
from resolvers.model import CATALOG
from resolvers.row_statistics import DIMENSIONS
from resolvers.row_types import RowType
from tests.contract.differential.world import World

ORDERED = (ValueType.INT, ValueType.FLOAT, ValueType.INSTANT)


class RowArguments:
    """Draws lists' filters, orders and pages; most of them find something."""

    def __init__(self, random: Random, world: World) -> None:
        self.random = random
        self.world = world

    def of(self, parent: str, name: str) -> dict[str, Any] | None:
        """The arguments of a field as input values; None where it lists no rows."""
        for row in CATALOG.rows.values():
            if parent == "Query" and name == row.lookup:
                return {"id": self.random.choice((self._any(row)["id"], "nothing"))}
            if parent == "Query" and name == row.listing:
                return self._page(row, f"Query.{name}")
        if parent == "Query" and name == "eventStatistics":
            by = [self.random.choice(list(DIMENSIONS)) for _ in range(self.random.randint(0, 3))]
            return {"by": by} | self._filtered(CATALOG.rows["Event"])
        if parent in CATALOG and name in CATALOG.row_reverses[parent]:
            return self._page(CATALOG.row_reverses[parent][name].source, f"{parent}.{name}")
        return None

    def _any(self, row: RowType) -> dict[str, Any]:
        return self.random.choice(self.world.rows[row.name])

    def _filtered(self, row: RowType) -> dict[str, Any]:
        return {"filter": self._filter(row)} if self.random.random() < 0.5 else {}

    def _page(self, row: RowType, name: str) -> dict[str, Any]:
        r = self.random
        found = self._filtered(row)
        orders = [field.name for field in row.fields if field.order]
        if r.random() < 0.5:
            found["orderBy"] = [
                {r.choice(orders): r.choice(("ASC", "DESC"))} for _ in range(r.choice((0, 1, 1, 2)))
            ]
        found[r.choice(("first", "first", "last"))] = r.choice((0, 1, 2, 3, 5))
        if r.random() < 0.4:
            place = self._place(row, name, found.get("orderBy") or [])
            found[r.choice(("after", "before"))] = place
        return found

    def _place(self, row: RowType, name: str, order: list[dict[str, str]]) -> str:
        """The cursor of any row, were it in this list."""
        keys: dict[str, bool] = {}
        for field, direction in (pair for each in order for pair in each.items()):
            keys.setdefault(field, direction == "DESC")
        keys = keys or {row.newest: True}
        keys["id"] = list(keys.values())[-1]
        text = ",".join(
            ("-" if down else "") + row.field_by_name[field].prop for field, down in keys.items()
        )
        doc = self._any(row)
        return self.world.sign([f"{name}:{text}", *(doc[field] for field in keys)])

    def _filter(self, row: RowType, depth: int = 0) -> dict[str, Any]:
        r, of = self.random, self._any(row)
        names = [field.name for field in row.fields] + list(row.reference_by_name) + ["within"]
        found: dict[str, Any] = {}
        for _ in range(r.choice((0, 1, 1, 2))):
            name = r.choice((*names, "position", "position"))
            found[name] = self._one(row, name, of)
        if depth < 2 and r.random() < 0.4:
            match r.choice(("and", "or", "not", "none")):
                case "and":
                    found["and"] = [self._filter(row, depth + 1) for _ in range(r.randint(0, 2))]
                case "or":
                    found["or"] = [self._filter(row, depth + 1) for _ in range(r.randint(0, 2))]
                case "not":
                    found["not"] = self._filter(row, depth + 1)
                case _:
                    found |= r.choice(({"or": []}, {"not": {}}, {"and": []}, {"not": None}))
        return found

    def _one(self, row: RowType, name: str, of: dict[str, Any]) -> Any:
        r = self.random
        if name == "within":
            above = of["path"] or ["370202"]
            return [r.choice((r.choice(above), self.world.any_division(r))) for _ in range(2)]
        field = row.field_by_name.get(name) or Field(name, ValueType.TEXT, "")
        value = of[name]
        if value is None or r.random() < 0.08:
            return {"isNull": value is None or r.random() < 0.3}
        if field.type is ValueType.POINT:
            return self._shape(value)
        found: dict[str, Any] = {}
        for _ in range(r.choice((1, 1, 2))):
            found |= self._condition(row, field, value)
        return found

    def _condition(self, row: RowType, field: Field, value: Any) -> dict[str, Any]:
        r = self.random
        names = ["eq", "in"]
        if field.type in ORDERED:
            names += ["gt", "gte", "lt", "lte"]
        elif field.choices is None and field.name in row.field_by_name:
            names += ["prefix", "contains"]
        name = r.choice(names)
        other = self._any(row)[field.name]
        if name == "in":
            return {"in": [x for x in (other, value) if x is not None]}
        if name == "prefix":
            return {"prefix": value[: r.randint(0, 3)]}
        if name == "contains":
            at = r.randrange(len(value)) if value else 0
            return {"contains": value[at : at + r.randint(1, 2)]}
        if name != "eq" and other is not None:
            return {name: other}
        return {name: value}

    def _shape(self, at: dict[str, float]) -> dict[str, Any]:
        r, x, y = self.random, at["longitude"], at["latitude"]
        if r.random() < 0.5:
            metres = r.choice((1.0, 50.0, 800, 5_000.5, 50_000))
            return {"near": {"longitude": x + 1e-4, "latitude": y, "metres": metres}}
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ring = [
            {
                "longitude": x + r.uniform(0.001, 0.03) * dx,
                "latitude": y + r.uniform(0.001, 0.03) * dy,
            }
            for dx, dy in corners
        ]
        return {"within": ring}
