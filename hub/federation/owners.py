"""Which subgraph a type or field belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from hub.federation.document import Declared, Sdl
from hub.federation.subgraph import Subgraph


@lru_cache(maxsize=64)
def parsed(sdl: str) -> Sdl:
    """A registered subgraph's SDL, parsed once."""
    return Sdl(sdl)


class Owners:
    """What other subgraphs declare: the hub's own and those of other partners."""

    def __init__(self, subgraphs: Iterable[Subgraph]) -> None:
        self.documents: Mapping[str, Sdl] = {s.name: parsed(s.sdl) for s in subgraphs}

    def types(self, name: str) -> dict[str, Declared]:
        """What each subgraph says of a type."""
        return {
            subgraph: document.types[name]
            for subgraph, document in self.documents.items()
            if name in document.types
        }

    def of_type(self, name: str) -> str | None:
        """The subgraph that a type belongs to: the one that says most of it."""
        found = self.types(name)
        if not found:
            return None
        return max(found, key=lambda subgraph: len(found[subgraph].fields))

    def of_field(self, type_name: str, name: str) -> str | None:
        """The subgraph that a field belongs to, that of its type if that one has it."""
        found = [
            subgraph
            for subgraph, declared in self.types(type_name).items()
            if name in declared.fields
            and "external" not in self.documents[subgraph].directives(declared.fields[name])
        ]
        of_type = self.of_type(type_name)
        if of_type in found:
            return of_type
        return found[0] if found else None

    def keys(self, name: str) -> list[str]:
        """All keys of a type, none where it is no entity."""
        return list(
            dict.fromkeys(
                key
                for subgraph, declared in self.types(name).items()
                for key in self.documents[subgraph].keys(declared)
            )
        )

    def shared(self, name: str) -> bool:
        """Whether all subgraphs that have an object type let others have it too."""
        for subgraph, declared in self.types(name).items():
            document = self.documents[subgraph]
            whole = "shareable" in document.directives(*declared.nodes)
            if not whole and not all(
                "shareable" in document.directives(each) for each in declared.fields.values()
            ):
                return False
        return True
