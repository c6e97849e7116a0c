"""The whole data model: one line per domain."""

from resolvers import cameras, departments, events, firms, licences, places, venues
from resolvers.catalog import Catalog

CATALOG = Catalog(
    (
        *places.ENTITIES,
        *venues.ENTITIES,
        *firms.ENTITIES,
        *licences.ENTITIES,
        *departments.ENTITIES,
        *cameras.ENTITIES,
    ),
    rows=(*events.ROWS,),
)
