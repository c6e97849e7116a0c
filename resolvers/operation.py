"""What passes between the service and what answers an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
)

from resolvers.errors import BadRequest
from resolvers.rights import Rights


@dataclass(frozen=True, eq=False)
class ParsedDocument:
    """A document that was parsed, validated and found within the limits."""

    text: str
    digest: str
    """SHA-256 of the text, in hexadecimal: the key of every cache of plans."""
    ast: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]

    @classmethod
    def of(cls, text: str, digest: str, ast: DocumentNode) -> ParsedDocument:
        """A document with its operations and fragments by name."""
        operations: dict[str | None, OperationDefinitionNode] = {}
        fragments: dict[str, FragmentDefinitionNode] = {}
        for node in ast.definitions:
            if isinstance(node, OperationDefinitionNode):
                operations[node.name.value if node.name else None] = node
            elif isinstance(node, FragmentDefinitionNode):
                fragments[node.name.value] = node
        return cls(text, digest, ast, operations, fragments)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises BadRequest where the name is unknown, or missing with several operations to choose
        from (GraphQL, 6.1 GetOperation).
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is not None:
            return found
        known = ", ".join(repr(each) for each in self.operations if each) or "none with a name"
        if name is None:
            raise BadRequest(f"the document holds several operations: name one of {known}")
        raise BadRequest(f"the document has no operation {name!r}; it has {known}")


@dataclass(frozen=True)
class Wanted:
    """What a request wants beyond its answer."""

    request_id: str
    explain: bool = False
    """`extensions` tell the statements run and their times."""
    reference: bool = False
    """Answer by graphql-core's executor in place of the compiled plan."""


@dataclass(frozen=True)
class StatementRun:
    """One statement as it ran, for metrics and traces."""

    store: str
    """`neo4j`, `postgres` …"""
    text: str
    began_ns: int
    """Nanoseconds since the epoch."""
    took_ns: int


@dataclass(frozen=True)
class Answer:
    """An answer ready to send."""

    body: bytes
    """The whole JSON response."""
    status_hint: int = 200
    """HTTP status by the GraphQL-over-HTTP draft for `application/graphql-response+json`: 200
    where execution began, else that of the error which kept it from beginning."""
    errors: int = 0
    """How many errors the body holds."""
    statements: tuple[StatementRun, ...] = ()


class GraphQLExecutor(Protocol):
    """Runs operations. Raises HubError for what stops a request before it runs."""

    async def execute(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
        want: Wanted,
    ) -> Answer: ...
