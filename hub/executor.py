"""The executor that answers GraphQL operations: compiled plans over the open stores."""

from __future__ import annotations

from graphql import GraphQLSchema

from hub.keys import Keys
from hub.settings import Settings
from hub.stores import Stores
from resolvers.catalog import Catalog
from resolvers.cursors import CursorKey
from resolvers.execute import Executor
from resolvers.operation import GraphQLExecutor
from resolvers.plan import PageLimits
from resolvers.reference import attach


def make_executor(
    settings: Settings, schema: GraphQLSchema, catalog: Catalog, stores: Stores, keys: Keys
) -> GraphQLExecutor:
    """The compiler's executor, with graphql-core's as its reference."""
    attach(schema, catalog)
    limits = PageLimits(settings.default_page, settings.max_page, settings.max_nodes)
    return Executor(schema, catalog, stores.services, CursorKey(keys.cursor), limits=limits)
