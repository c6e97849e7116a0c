"""One operation answered by both executors, over the same stores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    print_ast,
    validate,
)

from resolvers.cursors import CursorKey
from resolvers.errors import HubError
from resolvers.execute import Executor, Services
from resolvers.model import CATALOG
from resolvers.operation import Answer, ParsedDocument, Wanted
from resolvers.plan import PageLimits
from resolvers.rights import Caller, rights_of
from tests.contract.differential.memory import remembering

LIMITS = PageLimits(default_page=20, max_page=1_000, max_nodes=20_000)
RIGHTS = rights_of(Caller("tester", frozenset({"steward"})), CATALOG)


@dataclass
class Compared:
    """Both answers, or the error with which both refused."""

    compiled: Answer | HubError
    reference: Answer | HubError

    @property
    def same(self) -> bool:
        mine, other = self.compiled, self.reference
        if isinstance(mine, Answer) and isinstance(other, Answer):
            return mine.body == other.body
        return isinstance(mine, HubError) and isinstance(other, HubError)


class Comparison:
    """The two executors."""

    def __init__(self, schema: GraphQLSchema, services: Services, cursor_key: CursorKey) -> None:
        self.schema = schema
        self.compiled = Executor(schema, CATALOG, services, cursor_key, limits=LIMITS)
        self.reference = Executor(schema, CATALOG, remembering(services), cursor_key, limits=LIMITS)

    def invalid(self, ast: DocumentNode) -> list[GraphQLError]:
        return validate(self.schema, ast)

    async def of(self, ast: DocumentNode, variables: dict[str, Any]) -> Compared:
        """Run one operation both ways."""
        document = parsed(ast)
        return Compared(
            await _run(self.compiled, document, variables, Wanted("compiled")),
            await _run(self.reference, document, variables, Wanted("reference", reference=True)),
        )


def parsed(ast: DocumentNode) -> ParsedDocument:
    """A document as the service hands it to an executor."""
    text = print_ast(ast)
    return ParsedDocument.of(text, hashlib.sha256(text.encode()).hexdigest(), ast)


async def _run(
    executor: Executor, document: ParsedDocument, variables: dict[str, Any], want: Wanted
) -> Answer | HubError:
    try:
        return await executor.execute(document, None, variables, RIGHTS, want)
    except HubError as error:
        return error
