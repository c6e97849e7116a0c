"""A subgraph: its name, where it answers, and its schema in SDL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hub.settings import Settings
from schema.build import DOMAINS, subgraph


@dataclass(frozen=True)
class Subgraph:
    """What composition takes of one subgraph."""

    name: str
    url: str
    sdl: str
    partner: bool = False
    """Whether it is a partner's, and not one of the hub's domains."""


def own_names() -> tuple[str, ...]:
    """Names of the hub's own subgraphs, in the order of their ports."""
    return tuple(domain.name for domain in DOMAINS)


def own_subgraphs(settings: Settings) -> tuple[Subgraph, ...]:
    """The hub's own subgraphs at the addresses that `subgraph_url` gives."""
    return _own(settings.subgraph_url, settings.subgraph_port)


@cache
def _own(url: str, first: int) -> tuple[Subgraph, ...]:
    return tuple(
        Subgraph(
            name,
            url.replace("{name}", name).replace("{port}", str(first + index)),
            subgraph(name).as_str(),
        )
        for index, name in enumerate(own_names())
    )
