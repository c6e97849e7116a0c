"""The cache of documents: each text is parsed, measured and validated once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from hub.limits import Limits, too_complex
from hub.metrics import Metrics
from resolvers.operation import ParsedDocument

MAX_ERRORS = 20
"""Errors told of one document."""

LONG = 2_000
"""Characters from which a document takes some milliseconds to read."""

# What graphql-core spends on finding fields that cannot be merged, which grows with the square of
# the fields of one name: its default takes three seconds, this half of one.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 80_000


ABORTED = "Validation aborted."
"""graphql-core's message for a document that costs too much to validate."""


class DocumentRefused(Exception):
    """A document that cannot be run; each error has its code and locations."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class Documents:
    """The `size` documents used last, by the SHA-256 of their text."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        metrics: Metrics,
        *,
        size: int = 1000,
        introspection: bool = True,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._metrics = metrics
        self._size = size
        self._kept: OrderedDict[bytes, ParsedDocument] = OrderedDict()
        self._rules = list(specified_rules)
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    async def get(self, text: str) -> ParsedDocument:
        """The document for a text. Raises DocumentRefused, and keeps nothing of such a text.

        A long text is read beside the event loop, so that others need not wait for it.
        """
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        found = self._kept.get(digest)
        if found is not None:
            self._kept.move_to_end(digest)
            self._metrics.documents.labels("hit").inc()
            return found
        try:
            if len(text) > LONG:
                document = await asyncio.to_thread(self._read, text, digest.hex())
            else:
                document = self._read(text, digest.hex())
        except DocumentRefused:
            self._metrics.documents.labels("refused").inc()
            raise
        self._metrics.documents.labels("miss").inc()
        self._kept[digest] = document
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return document

    def _read(self, text: str, digest: str) -> ParsedDocument:
        most = self._limits.document_bytes
        if len(text) > most or len(text.encode("utf-8")) > most:
            raise DocumentRefused([too_complex("document_bytes", None, most)])
        try:
            ast = self._parse(text)
            document = ParsedDocument.of(text, digest, ast)
            self._measure(document)
            errors = validate(
                self._schema,
                ast,
                self._rules,
                max_errors=MAX_ERRORS,
                allow_empty_selection_sets=False,
            )
        except RecursionError:
            raise DocumentRefused([too_complex("depth", None, self._limits.depth)]) from None
        if errors and errors[-1].message == ABORTED:
            raise DocumentRefused([too_complex("fields", None, self._limits.fields)])
        if errors:
            raise DocumentRefused([_coded(e, "GRAPHQL_VALIDATION_FAILED") for e in errors])
        return document

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            if "nested too deeply" in error.message:
                over = too_complex("depth", None, self._limits.depth)
            elif "more than" in error.message and "tokens" in error.message:
                over = too_complex("tokens", None, self._limits.tokens)
            else:
                raise DocumentRefused([_coded(error, "GRAPHQL_PARSE_FAILED")]) from error
            raise DocumentRefused([_placed(over, error)]) from error

    def _measure(self, document: ParsedDocument) -> None:
        errors = [
            error
            for operation in document.operations.values()
            for error in self._limits.check(operation, document.fragments)
        ]
        if errors:
            raise DocumentRefused(errors[:MAX_ERRORS])


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": code}
    return error


def _placed(error: GraphQLError, where: GraphQLError) -> GraphQLError:
    return GraphQLError(
        error.message,
        source=where.source,
        positions=where.positions,
        extensions=error.extensions,
    )
