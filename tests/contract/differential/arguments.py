"""Arguments of fields, drawn from what is in the stores."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from resolvers.catalog import Edge, Entity, Field, snake
from resolvers.ids import global_id
from resolvers.model import CATALOG
from tests.contract.differential.filters import FilterDrawer
from tests.contract.differential.row_arguments import RowArguments
from tests.contract.differential.world import World

DIVISIONS = ("DISTRICT", "SUBDISTRICT", "COMMUNITY", "GRID")
TRADITIONAL = str.maketrans(
    {"门": "門", "店": "店", "学": "學", "号": "號", "广": "廣", "场": "場"}
)


class Arguments:
    """Draws the arguments of any field; four of five find something."""

    def __init__(self, random: Random, world: World) -> None:
        self.random = random
        self.world = world
        self.filters = FilterDrawer(random, world)
        self.rows = RowArguments(random, world)
        self.roots: dict[str, Callable[[], dict[str, Any]]] = {
            "node": lambda: {"id": self._id()},
            "nodes": lambda: {"ids": [self._id() for _ in range(random.randint(0, 4))]},
            "locate": lambda: {"code": self._code(random.choice(list(CATALOG)))},
            "gridAt": self._position,
            "search": self._search,
            "statistics": self._statistics,
        }

    def of(self, parent: str, name: str, depth: int) -> dict[str, Any] | None:
        """The arguments of a field as input values; None where it takes none."""
        rows = self.rows.of(parent, name)
        if rows is not None:
            return rows
        if parent == "Query" and name in self.roots:
            return self.roots[name]()
        for entity in CATALOG:
            if parent == "Query" and name == entity.lookup:
                return {"code": self._code(entity)}
            if parent == "Query" and name == entity.listing:
                return self._page(entity, f"Query.{name}", depth)
        if parent in CATALOG and name == "history":
            return self._some(
                {"first": self._size(depth), "after": self._cursor("history:-version")}
            )
        if parent in CATALOG and name in CATALOG.reverses[parent]:
            source = CATALOG.reverses[parent][name].source
            return self._page(source, f"{parent}.{name}", depth)
        return None

    def _code(self, entity: Entity) -> str:
        if self.random.random() < 0.1:
            return self.random.choice(("", "nothing", "370202", "V1'--", "01"))
        return self.world.any_of(self.random, entity.name).code

    def _id(self) -> str:
        entity = self.random.choice(list(CATALOG))
        return global_id(entity.name, self._code(entity) or "x")

    def _position(self) -> dict[str, Any]:
        r = self.random
        if r.random() < 0.15:
            return {"longitude": r.uniform(-180, 180), "latitude": r.uniform(30, 90)}
        point = self.world.any_of(r, "Grid").properties["location"]
        off = r.choice((0.0, 0.0, 0.005, 0.0065))
        return {"longitude": point.longitude + off, "latitude": point.latitude - off}

    def _within(self) -> list[str]:
        return [self.world.any_division(self.random) for _ in range(self.random.choice((1, 1, 2)))]

    def _search(self) -> dict[str, Any]:
        r = self.random
        entity = r.choice(list(CATALOG))
        known = self.world.any_of(r, entity.name)
        text = known.properties.get(r.choice(("code", "name", "address"))) or known.code
        if r.random() < 0.6:
            at = r.randrange(len(text))
            text = text[at : at + r.choice((1, 2, 2, 4, 8))]
        if not any(c.isalnum() for c in text):
            text = known.code
        text = r.choice((text, text.translate(TRADITIONAL), text.upper(), f"{text} AND (", text))
        types = [entity.name, *(e.name for e in r.sample(list(CATALOG), 2))]
        return {"text": text[:200]} | self._some(
            {
                "types": types,
                "within": self._within(),
                "first": self._size(0),
                "after": self._cursor("search"),
            },
            0.35,
        )

    def _statistics(self) -> dict[str, Any]:
        r = self.random
        entity = r.choice(list(CATALOG))
        parts: tuple[Field | Edge, ...] = (*entity.all_fields, *entity.edges)
        names = [snake(part.name).upper() for part in parts if part.dimension]
        if entity.located or entity.chains:
            names += DIVISIONS
        names += [name for i, name in enumerate(DIVISIONS, 2) if (entity.level or 0) > i]
        by = [r.choice(names) for _ in range(r.choice((0, 1, 1, 2, 3)))] if names else []
        found: dict[str, Any] = {"of": entity.name, "by": by}
        if (names or entity.level) and r.random() < 0.3:
            found["within"] = self._within()
        return found

    def _page(self, entity: Entity, name: str, depth: int) -> dict[str, Any]:
        r = self.random
        found: dict[str, Any] = {}
        if r.random() < 0.5:
            found["filter"] = self.filters.draw(entity)
        if r.random() < 0.5:
            orders = [f.name for f in entity.all_fields if f.order for _ in range(2 - f.required)]
            found["orderBy"] = [
                {r.choice(orders): r.choice(("ASC", "DESC"))} for _ in range(r.choice((0, 1, 1, 2)))
            ]
        found[r.choice(("first", "first", "last"))] = self._size(depth)
        if r.random() < 0.45:
            keys = self._keys(entity, found.get("orderBy") or [])
            found[r.choice(("after", "before", "after"))] = self._place(entity, name, keys)
        if r.random() < 0.2:
            found["includeRetired"] = r.random() < 0.8
        return {key: value for key, value in found.items() if value is not None or r.random() < 0.2}

    @staticmethod
    def _keys(entity: Entity, order: list[dict[str, str]]) -> list[str]:
        """The keys of an order, as cursors write them."""
        keys: dict[str, str] = {}
        for name, direction in (pair for each in order for pair in each.items()):
            prop = entity.field_by_name[name].prop
            keys.setdefault(prop, ("-" if direction == "DESC" else "") + prop)
            if prop == "code":
                break
        keys.setdefault("code", "code")
        return list(keys.values())

    def _place(self, entity: Entity, name: str, keys: list[str]) -> str:
        """A cursor of an earlier answer, or that of any record, were it in this list."""
        list_name = f"{name}:{','.join(keys)}"
        seen = self._cursor(list_name)
        if seen is not None and self.random.random() < 0.5:
            return seen
        record = self.world.any_of(self.random, entity.name).properties
        return self.world.sign([list_name, *(record.get(key.removeprefix("-")) for key in keys)])

    def _cursor(self, list_name: str) -> str | None:
        known = self.world.cursors.get(list_name)
        return self.random.choice(known) if known else None

    def _size(self, depth: int) -> int | None:
        if depth == 0 and self.random.random() < 0.1:
            return None
        return self.random.choice((0, 1, 2, 3, 5, 12) if depth == 0 else (0, 1, 1, 2, 3))

    def _some(self, values: dict[str, Any], chance: float = 0.6) -> dict[str, Any]:
        return {k: v for k, v in values.items() if v is not None and self.random.random() < chance}
