"""hypothesis-graphql's operations, as raw material."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLObjectType, GraphQLSchema, build_schema, print_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis_graphql import queries


def drafts(schema: GraphQLSchema, count: int, by: int) -> list[DocumentNode]:
    """So many operations of the query type, made from a seed.

    They have no arguments: the mutator draws those from what is there.
    """
    found: list[DocumentNode] = []
    bare = build_schema(print_schema(schema))
    for kind in bare.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                field.args = {}

    @seed(by)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(queries(bare, print_ast=lambda document: document))
    def collect(document: DocumentNode) -> None:
        found.append(document)

    collect()
    return found
