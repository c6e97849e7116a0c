"""The executor that answers GraphQL operations: compiled plans over the open stores."""

from __future__ import annotations

from graphql import GraphQLSchema

from hub.keys import Keys
from hub.settings import Settings
from hub.stores import Stores
from resolvers.catalog import Catalog
from resolvers.cursors import CursorKey
from resolvers.execute import Executor
from resolvers.plan import PageLimits
from resolvers.reference import attach
from schema.build import subgraph, whole


def make_executor(
    settings: Settings, schema: GraphQLSchema, catalog: Catalog, stores: Stores, keys: Keys
) -> Executor:
    """The compiler's executor, with graphql-core's as its reference."""
    sdl = subgraph(settings.subgraph).as_str() if settings.subgraph else ""
    attach(schema, catalog, sdl)
    limits = PageLimits(
        settings.default_page, settings.max_page, settings.max_nodes, settings.max_representations
    )
    return Executor(schema, catalog, stores.services, CursorKey(keys.cursor), limits=limits)


def whole_schema() -> GraphQLSchema:
    """The single process's schema as graphql-core has it."""
    schema = whole()._schema
    assert isinstance(schema, GraphQLSchema)
    return schema
