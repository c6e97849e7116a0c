"""graphql-core's executor over plain resolvers: the oracle of the compiled path, and what answers
mutations' payloads and operations that introspect.

Nothing here uses the compiler's filters, orders or statements: records come from naive statements
of one purpose each, and everything else is plain Python.
"""

from resolvers.reference.attach import attach
from resolvers.reference.context import RequestContext

__all__ = ["RequestContext", "attach"]
