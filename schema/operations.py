"""The root fields: a lookup and a list for each entity, its mutations, and what domains add."""

from __future__ import annotations

from resolvers.catalog import Catalog, Edge, Field, snake
from resolvers.row_types import RowType
from schema import values
from schema.blocks import Argument, Domain, Extra
from schema.entities import page_arguments
from schema.registry import FieldSpec, Registry, TypeSpec
from schema.row_arguments import row_arguments

DIVISION_DIMENSIONS = ("DISTRICT", "SUBDISTRICT", "COMMUNITY", "GRID")


def dimensions(catalog: Catalog) -> dict[str, str]:
    """What statistics can count by: divisions, and every dimension of the catalogue."""
    found = {name: f"The {name.lower()} they lie in." for name in DIVISION_DIMENSIONS}
    for entity in catalog:
        parts: tuple[Field | Edge, ...] = (*entity.all_fields, *entity.edges)
        for part in parts:
            if part.dimension:
                name = snake(part.name).upper()
                found[name] = f"Their field `{part.name}`."
    return found


class Operations:
    """Adds Query, Mutation and Subscription to a registry."""

    def __init__(self, registry: Registry, domains: tuple[Domain, ...], catalog: Catalog) -> None:
        self.registry = registry
        self.domains = [d for d in domains if registry.target in (None, d.name)]
        self.catalog = catalog

    def add(self) -> dict[str, str]:
        """The root types there are, by kind of operation."""
        queries: dict[str, FieldSpec] = {}
        mutations: dict[str, FieldSpec] = {}
        subscriptions: dict[str, FieldSpec] = {}
        if any(domain.name == "directory" for domain in self.domains):
            self._directory_types()
        for domain in self.domains:
            for name in domain.entities:
                self._entity(name, queries, mutations)
            for row in domain.rows:
                self._row(self.catalog.rows[row], queries)
            for there, here in (
                (queries, domain.queries),
                (mutations, domain.mutations),
                (subscriptions, domain.subscriptions),
            ):
                for name, extra in here.items():
                    if name in there:
                        raise ValueError(f"two root fields are named {name}")
                    there[name] = _spec(extra)
        found = {}
        for kind, doc, fields in (
            ("Query", "What can be read.", queries),
            ("Mutation", "What can be changed.", mutations),
            ("Subscription", "What can be followed as it happens.", subscriptions),
        ):
            if fields:
                self.registry.add(kind, TypeSpec("object", doc, fields))
                found[kind.lower()] = kind
        return found

    def _directory_types(self) -> None:
        for name, (doc, fields) in values.DIRECTORY_OBJECTS.items():
            self.registry.object(name, doc, fields)
        self.registry.enum(
            "RecordType", "The types of record.", {e.name: f"{e.plural}." for e in self.catalog}
        )
        self.registry.enum("StatisticsBy", "What to count by.", dimensions(self.catalog))

    def _entity(
        self, name: str, queries: dict[str, FieldSpec], mutations: dict[str, FieldSpec]
    ) -> None:
        entity = self.catalog[name]
        queries[entity.lookup] = FieldSpec(
            name, f"The {name} with this code, or null.", {"code": Argument("String!", "Its code.")}
        )
        queries[entity.listing] = FieldSpec(
            f"{name}Connection!", f"{entity.plural}, filtered and ordered.", page_arguments(entity)
        )
        for verb, doc in (
            ("create", f"Make a {name}."),
            ("update", f"Change a {name}."),
            ("retire", f"Retire a {name}: it stays on record and leaves the lists."),
        ):
            input_name = "RetireInput" if verb == "retire" else f"{verb.title()}{name}Input"
            mutations[f"{verb}{name}"] = FieldSpec(
                f"{name}Payload", doc, {"input": Argument(f"{input_name}!", "What to write.")}
            )

    def _row(self, row: RowType, queries: dict[str, FieldSpec]) -> None:
        queries[row.lookup] = FieldSpec(
            row.name, f"The {row.name} with this id, or null.", {"id": Argument("ID!", "Its id.")}
        )
        queries[row.listing] = FieldSpec(
            f"{row.name}Connection!", f"{row.plural}, filtered and ordered.", row_arguments(row)
        )


def _spec(extra: Extra) -> FieldSpec:
    return FieldSpec(extra.type, extra.doc, extra.arguments)
