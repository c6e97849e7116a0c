"""What the schema says of every entity: its type, connection, filter, ordering and inputs."""

from __future__ import annotations

from collections.abc import Iterable

from resolvers.catalog import Catalog, Chain, Edge, Entity, Field, ValueType
from schema import values
from schema.blocks import Argument, Connection, Domain, EntityBlock, Extra
from schema.registry import FieldSpec, Registry, TypeSpec
from schema.row_arguments import row_arguments

RECORD_FIELDS: values.Fields = {
    "id": ("ID!", "Global id (Relay)."),
    "code": ("String!", "The natural key (编码)."),
    "name": ("String!", "Name as its source gives it (名称)."),
}

HISTORY_ARGUMENTS = {
    "first": Argument("Int", "Page size.", None),
    "after": Argument("Cursor", "Continue after this cursor.", None),
}


def page_arguments(entity: Entity) -> dict[str, Argument]:
    """The arguments of every connection."""
    return {
        "filter": Argument(f"{entity.name}Filter", "Which ones.", None),
        "orderBy": Argument(
            f"[{entity.name}Order!]", "In which order; the code decides what is left open.", None
        ),
        "first": Argument("Int", "How many from the start.", None),
        "after": Argument("Cursor", "After this cursor.", None),
        "last": Argument("Int", "How many from the end.", None),
        "before": Argument("Cursor", "Before this cursor.", None),
        "includeRetired": Argument("Boolean!", "Retired records too.", False),
    }


class EntityTypes:
    """Adds to a registry all that its target shows of the entities."""

    def __init__(self, registry: Registry, domains: tuple[Domain, ...], catalog: Catalog) -> None:
        self.registry = registry
        self.docs = {name: b.doc for d in domains for name, b in d.entities.items()}
        self.domains = [d for d in domains if registry.target in (None, d.name)]
        self.catalog = catalog

    def add(self) -> None:
        """Add every type, and the shared ones they use."""
        self.registry.add(
            "Record",
            TypeSpec(
                "interface",
                "Anything the hub keeps on record.",
                {n: FieldSpec(t, d) for n, (t, d) in RECORD_FIELDS.items()},
            ),
        )
        for name, (doc, fields) in values.OBJECTS.items():
            self.registry.object(name, doc, fields)
        for name, (doc, fields) in values.INPUTS.items():
            self.registry.input(name, doc, fields)
        for name, (doc, names) in values.ENUMS.items():
            self.registry.enum(name, doc, names)
        for choices in self.catalog.choices.values():
            values.add_choices(self.registry, choices)
        for entity in self.catalog:
            self._filter(entity)
            self._order(entity)
        for domain in self.domains:
            for block in domain.entities.values():
                self._own(self.catalog[block.type_name], block)
        for domain in self.domains:
            for block in domain.extensions:
                self._extend(block)
        self._keys_of_the_rest()

    def _own(self, entity: Entity, block: EntityBlock) -> None:
        fields: dict[str, FieldSpec] = {
            "id": FieldSpec(*RECORD_FIELDS["id"], shareable=True),
        }
        for field in entity.all_fields:
            shared = field.name == "name"
            fields[field.name] = FieldSpec(output_type(field), field.doc, shareable=shared)
        if entity.code_doc:
            fields["code"].doc = entity.code_doc
        for edge in entity.links:
            fields[edge.name] = FieldSpec(edge_type(edge), edge.doc)
        if entity.located or entity.level or entity.chains:
            fields["path"] = FieldSpec(
                "[Record!]!", "The divisions it lies in, from the district down (所属区划)."
            )
        fields["history"] = FieldSpec(
            "ChangeConnection", "Its changes, newest first (变更历史).", HISTORY_ARGUMENTS
        )
        self.registry.add(
            entity.name,
            TypeSpec("object", block.doc, fields, implements="Record", key="code"),
        )
        self._add_parts(entity.name, block)
        self._connection(entity)
        self._inputs(entity)

    def _extend(self, block: EntityBlock) -> None:
        if block.type_name not in self.registry:
            self._stub(block.type_name, resolvable=True)
        self._add_parts(block.type_name, block)

    def _add_parts(self, type_name: str, block: EntityBlock) -> None:
        spec = self.registry.specs[type_name]
        for name, part in block.fields.items():
            if isinstance(part, Extra):
                spec.fields[name] = FieldSpec(part.type, part.doc, part.arguments)
            elif name in self.catalog.row_reverses[type_name]:
                row = self.catalog.row_reverses[type_name][name].source
                spec.fields[name] = FieldSpec(f"{row.name}Connection", part.doc, row_arguments(row))
            elif isinstance(part, Connection):
                source = self.catalog.reverses[type_name][name].source
                spec.fields[name] = FieldSpec(
                    f"{source.name}Connection!", part.doc, page_arguments(source)
                )

    def _stub(self, name: str, resolvable: bool) -> None:
        """A type of another domain: its key, and what every record has, so that an answer which
        asks for no more needs no further subgraph."""
        fields = {
            "id": FieldSpec(*RECORD_FIELDS["id"], shareable=True),
            "code": FieldSpec("String!", self.catalog[name].code_doc),
            "name": FieldSpec(*RECORD_FIELDS["name"], shareable=True),
        }
        self.registry.add(
            name,
            TypeSpec(
                "object",
                self.docs[name],
                fields,
                implements="Record",
                key="code",
                resolvable=resolvable,
            ),
        )

    def _keys_of_the_rest(self) -> None:
        """A type that is only referred to, or only met as a `Record`, stands as its key."""
        directory = self.registry.target == "directory"
        records = any("path" in spec.fields for spec in self.registry.specs.values() if spec.key)
        for entity in self.catalog:
            if entity.name in self.registry:
                continue
            divided = entity.level is not None and records
            if directory or divided or self._referred(entity.name):
                self._stub(entity.name, resolvable=False)

    def _referred(self, name: str) -> bool:
        return any(
            field.type.strip("[]!") == name
            for spec in self.registry.specs.values()
            if spec.kind == "object"
            for field in spec.fields.values()
        )

    def _connection(self, entity: Entity) -> None:
        name = entity.name
        self.registry.object(
            f"{name}Edge",
            f"One of a list of {entity.plural}.",
            {"cursor": ("Cursor!", "Its place in the list."), "node": (f"{name}!", "The record.")},
            shareable=False,
        )
        self.registry.object(
            f"{name}Connection",
            f"A page of {entity.plural}.",
            {
                "edges": (f"[{name}Edge!]!", "Records with their cursors."),
                "nodes": (f"[{name}!]!", "The records alone."),
                "pageInfo": ("PageInfo!", "Where this page stands."),
                "totalCount": ("Int!", "How many there are; counted only when asked for."),
            },
            shareable=False,
        )

    def _filter(self, entity: Entity) -> None:
        name = f"{entity.name}Filter"
        fields: values.Fields = {
            "and": (f"[{name}!]", "All of these."),
            "or": (f"[{name}!]", "Any of these."),
            "not": (name, "Not this."),
        }
        for field in entity.all_fields:
            kind = filter_type(field)
            if kind:
                fields[field.name] = (kind, field.doc)
        for edge in entity.edges:
            if not edge.many:
                fields[edge.name] = (f"{edge.target}Filter", edge.doc)
        if entity.located or entity.level or entity.chains:
            fields["within"] = ("[String!]", "In any of these divisions, of any level, by code.")
        self.registry.input(name, f"Which {entity.plural}; all that is given must hold.", fields)

    def _order(self, entity: Entity) -> None:
        fields: values.Fields = {
            field.name: ("Direction", field.doc) for field in entity.all_fields if field.order
        }
        self.registry.input(
            f"{entity.name}Order", f"One ordering of {entity.plural}.", fields, one_of=True
        )

    def _inputs(self, entity: Entity) -> None:
        name = entity.name
        create: values.Fields = {"code": ("String!", entity.code_doc)}
        update: values.Fields = {
            "code": ("String!", entity.code_doc),
            "expectedVersion": ("Int!", "The version you saw; another one gives CONFLICT."),
        }
        for field in writable(entity):
            kind = input_type(field)
            create[field.name] = (kind + ("!" if field.required else ""), field.doc)
            update[field.name] = (kind, field.doc)
        for edge in entity.edges:
            kind = "[String!]" if edge.many else "String"
            doc = f"{edge.doc} By code of the {edge.target}."
            if edge.placed:
                doc += " Left out, the location decides."
            create[edge.name] = (kind + ("!" if edge.required else ""), doc)
            update[edge.name] = (kind, doc)
        tail: values.Fields = {
            "reason": ("String", "Why; it goes on record."),
            "clientMutationId": ("String", "Send the same again to repeat safely."),
        }
        self.registry.input(f"Create{name}Input", f"A new {name}.", {**create, **tail})
        self.registry.input(
            f"Update{name}Input",
            f"Changes of a {name}: what is left out stays, null clears.",
            {**update, **tail},
        )
        self.registry.object(
            f"{name}Payload",
            f"What became of a change of a {name}.",
            {
                entity.lookup: (f"{name}!", "The record after the change."),
                "version": ("Int!", "Its version."),
                "position": ("LogPosition!", "The change's place in the log."),
                "status": ("WriteStatus!", "How far it has come."),
                "clientMutationId": ("String", "As it was sent."),
            },
            shareable=False,
        )


def writable(entity: Entity) -> Iterable[Field]:
    """The fields a caller may write, apart from the code."""
    return [f for f in entity.all_fields if f.writable and f.name != "code"]


def base_type(field: Field) -> str:
    return field.choices.name if field.choices else values.GRAPHQL_TYPE[field.type]


def output_type(field: Field) -> str:
    """The type of a field in an answer."""
    return base_type(field) + ("!" if field.required else "")


def input_type(field: Field) -> str:
    """The type of a field in an input."""
    return "PositionInput" if field.type is ValueType.POINT else base_type(field)


def filter_type(field: Field) -> str | None:
    """The filter of a field, or None where it has none."""
    if field.choices:
        return f"{field.choices.name}Filter"
    return values.FILTER_TYPE.get(field.type)


def edge_type(edge: Edge | Chain) -> str:
    """The type of an edge in an answer. To-many edges are short lists."""
    if isinstance(edge, Edge) and edge.many:
        return f"[{edge.target}!]!"
    return edge.target
