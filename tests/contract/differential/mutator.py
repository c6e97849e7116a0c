"""Makes of hypothesis-graphql's operations such as people write: with arguments that find
something, aliases, fragments, directives, variables, `__typename` and fields that merge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
)

from tests.contract.differential.arguments import Arguments
from tests.contract.differential.paths import Paths, inline, leaf
from tests.contract.differential.values import ValueWriter, Variables

Composite = GraphQLObjectType | GraphQLInterfaceType
MAX_DEPTH = 6
MAX_FIELDS = 22
RECORD_FIELDS = ("id", "code", "name")


@dataclass
class Operation:
    """An operation to run, and which features are in it."""

    document: DocumentNode
    variables: dict[str, Any]
    features: set[str] = field(default_factory=set)


class Mutator:
    """Works on one operation after another, from one source of chance.

    Fields in `wanted` ((type, field) pairs not reached yet) are added where they fit.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        random: Random,
        arguments: Arguments,
        wanted: set[tuple[str, str]],
    ) -> None:
        self.schema = schema
        self.random = random
        self.arguments = arguments
        self.wanted = wanted
        self.paths = Paths(schema, random, wanted)

    def operation(self, drafts: Iterable[DocumentNode]) -> Operation:
        """One operation with the root fields of all drafts."""
        self.variables = Variables()
        self.features: set[str] = set()
        self.fragments: list[FragmentDefinitionNode] = []
        self.aliases = 0
        self.fields = 0
        self.writer = ValueWriter(self.random, self.variables, self.random.choice((0, 0.1, 0.3)))
        selections: list[SelectionNode] = []
        for draft in drafts:
            node = draft.definitions[0]
            assert isinstance(node, OperationDefinitionNode)
            selections += node.selection_set.selections
        query = self.schema.query_type
        assert query is not None
        selected = self._set(query, selections, 0)
        if self._roots(selected) > 1:
            self.features.add("several roots")
        if self.variables.definitions:
            self.features.add("variables")
        if self.variables.defaults:
            self.features.add("variables with defaults")
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=NameNode(value="Q") if self.random.random() < 0.5 else None,
            variable_definitions=tuple(self.variables.definitions),
            directives=(),
            selection_set=selected,
        )
        definitions = [operation, *self.fragments]
        self.random.shuffle(definitions)
        return Operation(
            DocumentNode(definitions=tuple(definitions)), self.variables.given, self.features
        )

    @staticmethod
    def _roots(selected: SelectionSetNode) -> int:
        return sum(isinstance(node, FieldNode) for node in selected.selections)

    def _set(
        self, kind: Composite, selections: Iterable[SelectionNode], depth: int
    ) -> SelectionSetNode:
        """The selections of one object, changed and added to."""
        found: list[SelectionNode] = []
        taken: set[str] = set()
        added = [
            *(self.paths.detour() if kind.name == "Query" else ()),
            *self._additions(kind, depth),
        ]
        for node in [*selections, *added]:
            if isinstance(node, FieldNode):
                large = self.fields > MAX_FIELDS or depth >= MAX_DEPTH
                if large and found and node.selection_set:
                    continue
                found.append(self._field(kind, node, depth, taken))
            elif isinstance(node, InlineFragmentNode) and node.type_condition is not None:
                inner = self.schema.type_map[node.type_condition.name.value]
                assert isinstance(inner, GraphQLObjectType | GraphQLInterfaceType)
                selected = self._set(inner, node.selection_set.selections, depth)
                if kind is not inner:
                    self.features.add("inline fragment on the interface")
                found.append(self._fragment(inner, selected))
        if self.random.random() < 0.2 or not found:
            found.insert(self.random.randint(0, len(found)), self._typename())
        self._repeat(kind, found, depth)
        self._wrap(kind, found)
        return SelectionSetNode(selections=tuple(found))

    def _additions(self, kind: Composite, depth: int) -> list[SelectionNode]:
        """Fields not reached yet, and at times the interface's own in a fragment."""
        r = self.random
        added: list[SelectionNode] = self.paths.detour() if kind.name == "Query" else []
        limit = 2 if depth else 1
        names = [name for name in kind.fields if (kind.name, name) in self.wanted]
        if names and depth < 4 and self.fields < MAX_FIELDS / 2 and r.random() < 0.4:
            added += [self.paths.bare(kind, r.choice(names)) for _ in range(r.randint(1, limit))]
        if (
            kind.name.endswith("Connection")
            and kind.name != "ChangeConnection"
            and r.random() < 0.3
        ):
            page = self.paths.bare(kind, "pageInfo")
            added += [page, leaf("totalCount")]
        if isinstance(kind, GraphQLInterfaceType) and r.random() < 0.3:
            for implementer in r.sample(self.schema.get_possible_types(kind), 2):
                names = [n for n in implementer.fields if (implementer.name, n) in self.wanted]
                name = r.choice(names or list(implementer.fields))
                if depth < 3:
                    added.append(inline(implementer.name, [self.paths.bare(implementer, name)]))
        if isinstance(kind, GraphQLObjectType) and kind.interfaces and r.random() < 0.1:
            chosen = r.sample(RECORD_FIELDS, r.randint(1, 3))
            added.append(inline("Record", [leaf(name) for name in chosen]))
        return added

    def _field(self, kind: Composite, node: FieldNode, depth: int, taken: set[str]) -> FieldNode:
        name = node.name.value
        if name == "__typename":
            return node
        self.fields += 1
        alias = None
        if name in taken or self.random.random() < 0.12:
            self.aliases += 1
            alias = NameNode(value=self.random.choice(("a", "x_", "code")) + str(self.aliases))
            self.features.add("alias")
        else:
            taken.add(name)
        selection = None
        if node.selection_set is not None:
            below = get_named_type(kind.fields[name].type)
            assert is_composite_type(below)
            assert isinstance(below, GraphQLObjectType | GraphQLInterfaceType)
            selection = self._set(below, node.selection_set.selections, depth + 1)
        return FieldNode(
            alias=alias,
            name=NameNode(value=name),
            arguments=self._arguments(kind, name, depth, node),
            directives=self._directives(0.08),
            selection_set=selection,
        )

    def _arguments(
        self, kind: Composite, name: str, depth: int, node: FieldNode
    ) -> tuple[ArgumentNode, ...]:
        drawn = self.arguments.of(kind.name, name, depth)
        if drawn is None:
            return tuple(node.arguments or ())
        declared = kind.fields[name].args
        return tuple(
            ArgumentNode(
                name=NameNode(value=each), value=self.writer.write(value, declared[each].type)
            )
            for each, value in drawn.items()
        )

    def _directives(self, chance: float) -> tuple[DirectiveNode, ...]:
        if self.random.random() >= chance:
            return ()
        name = self.random.choice(("skip", "include"))
        kept = self.random.random() < 0.75
        value = kept == (name == "include")
        self.features.add(f"@{name}")
        if self.random.random() < 0.5:
            self.features.add("directive with a variable")
            before = self.writer.chance
            self.writer.chance = 1.0
            given = self.writer.write(value, GraphQLNonNull(GraphQLBoolean))
            self.writer.chance = before
            assert isinstance(given, VariableNode)
        else:
            self.features.add("directive with a literal")
            given = BooleanValueNode(value=value)
        argument = ArgumentNode(name=NameNode(value="if"), value=given)
        return (DirectiveNode(name=NameNode(value=name), arguments=(argument,)),)

    def _fragment(
        self, kind: Composite, selected: SelectionSetNode
    ) -> InlineFragmentNode | FragmentSpreadNode:
        """An inline fragment, or a named one that is spread."""
        if self.random.random() < 0.6:
            self.features.add("inline fragment")
            return InlineFragmentNode(
                type_condition=NamedTypeNode(name=NameNode(value=kind.name)),
                directives=self._directives(0.1),
                selection_set=selected,
            )
        return self._named(kind, selected)

    def _named(self, kind: Composite, selected: SelectionSetNode) -> FragmentSpreadNode:
        name = f"F{len(self.fragments)}"
        self.features.add("named fragment")
        if any(isinstance(node, FragmentSpreadNode) for node in selected.selections):
            self.features.add("nested named fragment")
        self.fragments.append(
            FragmentDefinitionNode(
                name=NameNode(value=name),
                type_condition=NamedTypeNode(name=NameNode(value=kind.name)),
                directives=(),
                selection_set=selected,
            )
        )
        return FragmentSpreadNode(name=NameNode(value=name), directives=self._directives(0.1))

    def _wrap(self, kind: Composite, found: list[SelectionNode]) -> None:
        """Put some of the selections into fragments, at times spread twice."""
        r = self.random
        for _ in range(2):
            if r.random() >= 0.18:
                return
            start = r.randrange(len(found))
            end = r.randint(start + 1, len(found))
            inner = SelectionSetNode(selections=tuple(found[start:end]))
            if r.random() < 0.5:
                spread = self._named(kind, inner)
                found[start:end] = [spread, spread] if r.random() < 0.2 else [spread]
            else:
                self.features.add("inline fragment")
                condition = NamedTypeNode(name=NameNode(value=kind.name))
                found[start:end] = [
                    InlineFragmentNode(
                        type_condition=condition if r.random() < 0.6 else None,
                        directives=self._directives(0.3),
                        selection_set=inner,
                    )
                ]

    def _repeat(self, kind: Composite, found: list[SelectionNode], depth: int) -> None:
        """Write a field a second time: both merge, whatever each selects."""
        fields = [node for node in found if isinstance(node, FieldNode)]
        if not fields or self.random.random() >= 0.12:
            return
        node = self.random.choice(fields)
        if node.name.value == "__typename":
            return
        self.features.add("fields that merge")
        selection = node.selection_set
        if selection is not None:
            below = get_named_type(kind.fields[node.name.value].type)
            assert isinstance(below, GraphQLObjectType | GraphQLInterfaceType)
            leaves = [
                n
                for n, f in below.fields.items()
                if is_leaf_type(get_named_type(f.type)) and not f.args
            ]
            chosen = [leaf(n) for n in self.random.sample(leaves, min(2, len(leaves)))]
            selection = SelectionSetNode(selections=tuple(chosen or [self._typename()]))
        copy = FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=(),
            selection_set=selection,
        )
        found.insert(self.random.randint(0, len(found)), copy)

    def _typename(self) -> FieldNode:
        self.features.add("__typename")
        return leaf("__typename")
