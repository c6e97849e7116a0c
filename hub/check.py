"""What a gateway asks before it runs an operation: whether the hub as one process would.

Parsing, validation, limits, rights and arguments are judged here, by the code that judges them in
the single process, so that a refusal is the same through the gateway. Nothing is executed.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    OperationType,
)

from hub.documents import Documents
from hub.federation.below import Below
from hub.federation.current import Current
from hub.federation.own_part import own_part
from hub.federation.usage import Usage
from hub.issuer import Issuer
from resolvers.errors import HubError
from resolvers.execute import Executor
from resolvers.operation import Answer, ParsedDocument, Wanted
from resolvers.rights import Caller, Rights

TOKEN_HOURS = 0.25
"""How long a token for a partner lasts; it is made anew when half of that is over."""
KEPT = 1_000


class Check:
    """A `GraphQLExecutor` that runs nothing.

    It answers `{"tokens": {partner: token}}`: for each partner a token of the caller's which that
    partner alone accepts, so that no partner can use it anywhere else.
    """

    def __init__(self, whole: Executor, current: Current, usage: Usage, issuer: Issuer) -> None:
        self._whole = whole
        self._current = current
        self._usage = usage
        self._issuer = issuer
        self._parts: OrderedDict[str, ParsedDocument] = OrderedDict()
        self._judged: OrderedDict[tuple[str, str | None], ParsedDocument | None] = OrderedDict()
        self._tokens: OrderedDict[tuple[Caller, str], tuple[str, float]] = OrderedDict()
        current.changed += (self._parts.clear, self._judged.clear)

    async def execute(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
        want: Wanted,
    ) -> Answer:
        """Raises what the hub as one process would before it runs the operation."""
        part = self._part(document)
        operation = part.operation(operation_name)
        if not _is_partners(part, operation, part is not document):
            self._whole.prepare(part, operation, variables, rights)
        below = self._below(document, operation_name) if part is not document else None
        if below is not None:
            try:
                self._whole.prepare(below, below.operation(operation_name), variables, rights)
            except HubError as error:
                error.path = None  # it leads through fields that the hub does not know
                raise
        self._usage.saw(document, operation_name, self._current.schema)
        foreign = part is not document and rights.caller.signed_in
        partners = self._current.partners if foreign else ()
        own = self._issuer.audience  # the hub's own tokens are no partner's
        tokens = {name: self._token(rights.caller, name) for name in partners if name != own}
        return Answer(orjson.dumps({"tokens": tokens}))

    def _part(self, document: ParsedDocument) -> ParsedDocument:
        if not self._current.partners:
            return document
        known = self._parts.get(document.digest)
        if known is None:
            known = own_part(document, self._current.schema, self._whole.schema)
            self._parts[document.digest] = known
            if len(self._parts) > KEPT:
                self._parts.popitem(last=False)
        return known

    def _below(self, document: ParsedDocument, name: str | None) -> ParsedDocument | None:
        """What is asked of the hub's records below partners' fields, if anything is."""
        key = document.digest, name
        if key not in self._judged:
            schema, own = self._current.schema, self._whole.schema
            found = Below(schema, own, self._whole.catalog).query(
                document, document.operation(name)
            )
            self._judged[key] = own_part(found, schema, own) if found is not None else None
            if len(self._judged) > KEPT:
                self._judged.popitem(last=False)
        return self._judged[key]

    def _token(self, caller: Caller, partner: str) -> str:
        key = caller, partner
        known = self._tokens.get(key)
        now = time.monotonic()
        if known is not None and now < known[1]:
            return known[0]
        assert caller.subject is not None
        token = self._issuer.issue(
            caller.subject,
            roles=caller.roles,
            department=caller.department,
            hours=TOKEN_HOURS,
            audience=partner,
        )
        self._tokens[key] = token, now + TOKEN_HOURS * 1800
        if len(self._tokens) > KEPT:
            self._tokens.popitem(last=False)
        return token


def _is_partners(part: ParsedDocument, operation: OperationDefinitionNode, cut: bool) -> bool:
    """Whether nothing of an operation is the hub's to judge: a mutation or subscription of which
    only partners' fields were cut."""
    query = operation.operation is OperationType.QUERY
    return cut and not query and not _selects(part, operation)


def _selects(part: ParsedDocument, node: Node) -> bool:
    """Whether a selection has a root field other than `__typename`."""
    if isinstance(node, FieldNode):
        return not node.name.value.startswith("__")
    if isinstance(node, FragmentSpreadNode):
        return _selects(part, part.fragments[node.name.value])
    selections = node.selection_set.selections  # type: ignore[attr-defined]
    return any(_selects(part, each) for each in selections)


class ApiDocuments:
    """Documents by the API's schema in force: those of another schema are forgotten."""

    def __init__(self, current: Current, **made_with: Any) -> None:
        self._current = current
        self._made_with = made_with
        self._renew()
        current.changed.append(self._renew)

    async def get(self, text: str) -> ParsedDocument:
        """As `Documents.get`."""
        return await self._documents.get(text)

    def _renew(self) -> None:
        self._documents = Documents(self._current.schema, **self._made_with)
