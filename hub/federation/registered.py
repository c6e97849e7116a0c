"""What is registered at one moment, and the schemas of the API that it makes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from hub.federation.compose import Composed, compose
from hub.federation.errors import OwnConflict
from hub.federation.partner import Partner
from hub.federation.subgraph import Subgraph
from resolvers.stores.operations import SeenOperation


@dataclass(frozen=True)
class Registered:
    """The hub's own subgraphs, the partners, and the supergraph stored last."""

    own: tuple[Subgraph, ...]
    partners: tuple[Partner, ...]
    api: str | None
    """The API of the supergraph stored last, if there is one."""
    fresh: bool
    """Whether that was made of this release's own subgraphs."""
    seen: Callable[[], Coroutine[Any, Any, list[SeenOperation]]]
    """Reads the operations that are in use."""
    audience: str = "city-hub"
    """For whom the hub's own tokens are made; a partner's are made for its name."""

    @property
    def own_names(self) -> set[str]:
        """Names that no partner can have: with the audience's, its tokens would open the hub."""
        return {*(each.name for each in self.own), self.audience}

    def partner(self, name: str) -> Partner | None:
        """The partner of that name, if there is one."""
        return next((each for each in self.partners if each.name == name), None)

    def others(self, name: str) -> list[Subgraph]:
        """All subgraphs but that of one partner."""
        return [*self.own, *(p.subgraph for p in self.partners if p.name != name)]

    def names_beside(self, name: str) -> tuple[str, ...]:
        """Names of the other partners."""
        return tuple(each.name for each in self.partners if each.name != name)

    async def before(self) -> str:
        """The API as it is now. Raises OwnConflict, ComposerUnavailable."""
        if self.api is not None and self.fresh:
            return self.api
        made = await compose(self.others(""))
        if made.errors and self.api is None:
            raise _conflict(made)
        return self.api or "" if made.errors else made.api

    async def without(self, name: str) -> str:
        """The API without one partner. Raises OwnConflict, ComposerUnavailable."""
        if self.partner(name) is None and self.fresh and self.api is not None:
            return self.api
        made = await compose(self.others(name))
        if made.errors:
            raise _conflict(made)
        return made.api


def _conflict(made: Composed) -> OwnConflict:
    return OwnConflict(
        "What is registered now does not compose with this release of the hub: "
        f"{made.errors[0].message}",
        "Update or remove the partner that is named there first.",
    )
