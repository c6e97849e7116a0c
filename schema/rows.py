"""What the schema says of every type of row: its type, connection, filter and ordering."""

from __future__ import annotations

from resolvers.catalog import Catalog, ValueType
from resolvers.row_types import RowType
from schema import values
from schema.blocks import Domain
from schema.entities import filter_type, output_type
from schema.registry import FieldSpec, Registry, TypeSpec

CODE_FILTER: tuple[str, values.Fields] = (
    "Conditions on the code of a record.",
    {
        "eq": ("String", "This one."),
        "in": ("[String!]", "Any of these."),
        "isNull": values.IS_NULL,
    },
)


class RowTypes:
    """Adds to a registry all that its target shows of rows; the domain that owns them alone has
    them in its subgraph."""

    def __init__(self, registry: Registry, domains: tuple[Domain, ...], catalog: Catalog) -> None:
        self.registry = registry
        self.domains = [d for d in domains if registry.target in (None, d.name)]
        self.catalog = catalog

    def add(self) -> None:
        """Add every type."""
        for domain in self.domains:
            for name, (doc, names) in domain.enums.items():
                self.registry.enum(name, doc, names)
            for name, (doc, fields) in domain.objects.items():
                self.registry.object(name, doc, fields, shareable=False)
            for (name, field), arguments in domain.arguments.items():
                self.registry.specs[name].fields[field].arguments = arguments
            for name, (doc, fields) in domain.inputs.items():
                self.registry.input(name, doc, fields)
            for name, doc in domain.rows.items():
                self._row(self.catalog.rows[name], doc)

    def _row(self, row: RowType, doc: str) -> None:
        for field in row.fields:
            if field.choices is not None and field.choices.name not in self.registry:
                values.add_choices(self.registry, field.choices)
        if "CodeFilter" not in self.registry:
            self.registry.input("CodeFilter", *CODE_FILTER)
        fields = {
            field.name: FieldSpec("ID!" if field.name == "id" else output_type(field), field.doc)
            for field in row.fields
        }
        fields.update({part.name: FieldSpec(part.type, part.doc) for part in row.parts})
        fields.update({each.name: FieldSpec(each.target, each.doc) for each in row.references})
        self.registry.add(row.name, TypeSpec("object", doc, fields))
        self._connection(row)
        self._filter(row)
        self.registry.input(
            f"{row.name}Order",
            f"One ordering of {row.plural}.",
            {field.name: ("Direction", field.doc) for field in row.fields if field.order},
            one_of=True,
        )

    def _connection(self, row: RowType) -> None:
        name = row.name
        self.registry.object(
            f"{name}Edge",
            f"One of a list of {row.plural}.",
            {"cursor": ("Cursor!", "Its place in the list."), "node": (f"{name}!", "The row.")},
            shareable=False,
        )
        self.registry.object(
            f"{name}Connection",
            f"A page of {row.plural}.",
            {
                "edges": (f"[{name}Edge!]!", "They with their cursors."),
                "nodes": (f"[{name}!]!", "They alone."),
                "pageInfo": ("PageInfo!", "Where this page stands."),
                "totalCount": ("Int!", "How many there are; counted only when asked for."),
                "liveCursor": (
                    "Cursor!",
                    "Give it as `after` to the subscription to get all that comes after this "
                    "page was read.",
                ),
            },
            shareable=False,
        )

    def _filter(self, row: RowType) -> None:
        name = f"{row.name}Filter"
        fields: values.Fields = {
            "and": (f"[{name}!]", "All of these."),
            "or": (f"[{name}!]", "Any of these."),
            "not": (name, "Not this."),
        }
        for field in row.fields:
            kind = filter_type(field)
            if kind and field.type is not ValueType.TEXTS:
                fields[field.name] = (kind, field.doc)
        for reference in row.references:
            fields[reference.name] = ("CodeFilter", f"{reference.doc} By code.")
        fields["within"] = ("[String!]", "In any of these divisions, of any level, by code.")
        self.registry.input(name, f"Which {row.plural}; all that is given must hold.", fields)
