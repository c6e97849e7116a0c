"""What can go wrong in the registry besides a subgraph's own faults, which a report tells.

HubError
└── FederationError           the registry cannot do its work
    ├── ComposerUnavailable   Node or the composition's packages are missing, or took too long
    └── OwnConflict           what is registered already does not compose
"""

from hub.errors import HubError


class FederationError(HubError):
    """The registry cannot do its work."""


class ComposerUnavailable(FederationError):
    """Node or the composition's packages are missing, failed, or took too long."""


class OwnConflict(FederationError):
    """What is registered already does not compose with this release."""
