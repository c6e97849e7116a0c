"""Filters drawn so that they hold of some record that is there."""

from __future__ import annotations

from random import Random
from typing import Any

from resolvers.catalog import Entity, Field, ValueType
from resolvers.model import CATALOG
from tests.contract.differential.world import Known, World

ORDERED = (ValueType.INT, ValueType.FLOAT, ValueType.DATE, ValueType.INSTANT)


class FilterDrawer:
    """Draws filters; four of five hold of a record of their type."""

    def __init__(self, random: Random, world: World) -> None:
        self.random = random
        self.world = world

    def draw(self, entity: Entity, of: Known | None = None, depth: int = 0) -> dict[str, Any]:
        """A filter as input values."""
        r = self.random
        of = of or self.world.any_of(r, entity.name)
        found: dict[str, Any] = {}
        if depth == 0 and r.random() < 0.15:
            name = r.choice(self._names(entity))
            return {"not": {name: self._one(entity, name, of, 2)}}
        for _ in range(r.choice((0, 1, 1, 1, 2, 3)) if depth else r.choice((0, 1, 1, 2))):
            name = r.choice(self._names(entity))
            about = of if r.random() < 0.85 else self.world.any_of(r, entity.name)
            found[name] = self._one(entity, name, about, depth)
        if depth < 2 and r.random() < 0.35:
            found |= self._joined(entity, of, depth)
        if r.random() < 0.05:
            found[r.choice(self._names(entity))] = None
        return found

    def _joined(self, entity: Entity, of: Known, depth: int) -> dict[str, Any]:
        r = self.random
        match r.choice(("and", "or", "not", "or", "not", "none")):
            case "and":
                return {"and": [self.draw(entity, of, depth + 1) for _ in range(r.randint(0, 2))]}
            case "or":
                options = [self.draw(entity, None, depth + 1) for _ in range(r.randint(0, 1))]
                return {"or": [*options, self.draw(entity, of, depth + 1)]}
            case "not":
                return {"not": self.draw(entity, None, depth + 1)}
            case _:
                return r.choice(({"or": []}, {"not": {}}, {"and": []}, {"not": None}))

    def _names(self, entity: Entity) -> list[str]:
        names = [f.name for f in entity.all_fields if f.type is not ValueType.SHAPE]
        names += [edge.name for edge in entity.edges if not edge.many]
        if entity.located or entity.level or entity.chains:
            names.append("within")
        places = [f.name for f in entity.all_fields if f.type is ValueType.POINT]
        return [*names, *places, *places]

    def _one(self, entity: Entity, name: str, of: Known, depth: int) -> Any:
        r = self.random
        if name == "within":
            return [self._division(of) for _ in range(r.choice((0, 1, 1, 1, 2)))]
        edge = entity.edge_by_name.get(name)
        if edge is not None:
            target = CATALOG[edge.target]
            codes = of.edges[name]
            known = self.world.records[edge.target][codes[0]] if codes else None
            return {} if depth > 1 else self.draw(target, known, depth + 1)
        return self._conditions(entity.field_by_name[name], of)

    def _division(self, of: Known) -> str:
        """The code of a division above a record, or of any."""
        here = of
        if of.type == "Licence" and of.edges["venue"]:
            here = self.world.records["Venue"][of.edges["venue"][0]]
        above = []
        while True:
            entity = CATALOG[here.type]
            up = next((e for e in entity.edges if e.relationship == "IN"), None)
            if up is None or not here.edges[up.name]:
                break
            here = self.world.records[up.target][here.edges[up.name][0]]
            above.append(here.code)
        if above and self.random.random() < 0.8:
            return self.random.choice(above)
        return self.world.any_division(self.random)

    def _conditions(self, field: Field, of: Known) -> dict[str, Any]:
        r = self.random
        value = of.properties.get(field.prop)
        if r.random() < 0.04:
            return {}
        if field.type is ValueType.TEXTS:
            return {"has": r.choice(value) if value else "NEAREST_GRID"}
        if value is None or r.random() < 0.08:
            return {"isNull": value is None or r.random() < 0.3}
        if field.type is ValueType.POINT:
            return self._place(value)
        if field.type is ValueType.BOOL:
            return {"eq": value}
        found: dict[str, Any] = {}
        for _ in range(r.choice((1, 1, 2))):
            found |= self._condition(field, value)
        return found

    def _condition(self, field: Field, value: Any) -> dict[str, Any]:
        r = self.random
        names = ["eq", "in"]
        if field.type in ORDERED:
            names += ["gt", "gte", "lt", "lte"]
        if field.type is ValueType.TEXT and field.choices is None:
            names += ["prefix", "contains"]
        name = r.choice(names)
        if name == "in":
            others = self._others(field, r.randint(0, 2))
            return {"in": [*others, value] if r.random() < 0.9 else others}
        if name == "prefix":
            return {"prefix": value[: r.randint(0, 3)]}
        if name == "contains":
            at = r.randrange(len(value))
            return {"contains": value[at : at + r.randint(1, 2)]}
        if name in ("gt", "lt", "gte", "lte"):
            other = (self._others(field, 1) or [value])[0]
            return {name: other}
        return {name: value}

    def _others(self, field: Field, count: int) -> list[Any]:
        """Values that other records of any type have in a field of this name."""
        holders = [e for e in CATALOG if e.field_by_name.get(field.name) == field]
        found = []
        for _ in range(count):
            other = self.world.any_of(self.random, self.random.choice(holders).name)
            value = other.properties.get(field.prop)
            if value is not None:
                found.append(value)
        return found

    def _place(self, point: Any) -> dict[str, Any]:
        r = self.random
        x, y = point.longitude, point.latitude
        if r.random() < 0.5:
            metres = r.choice((1.0, 50.0, 800, 5_000.5, 50_000))
            near = {"longitude": x + r.uniform(-1, 1) * 1e-3, "latitude": y, "metres": metres}
            return {"near": near}
        ring = [
            {
                "longitude": x + r.uniform(0.001, 0.03) * dx,
                "latitude": y + r.uniform(0.001, 0.03) * dy,
            }
            for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        if r.random() < 0.3:
            ring.insert(2, {"longitude": x, "latitude": y + 1e-5})
        if r.random() < 0.5:
            ring.append(ring[0])
        return {"within": ring}
