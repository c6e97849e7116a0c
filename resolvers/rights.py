"""Who asks, and what they may read and change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from resolvers.catalog import Catalog
from resolvers.errors import Forbidden, Unauthenticated


@dataclass(frozen=True)
class Caller:
    """Who a request comes from. An anonymous caller has no subject."""

    subject: str | None = None
    roles: frozenset[str] = frozenset()
    department: str | None = None
    gateway: bool = False
    """Whether the request came through a gateway that the hub trusts."""
    expires: float | None = field(default=None, compare=False)
    """When the token is no longer accepted, in seconds since the epoch."""

    @property
    def signed_in(self) -> bool:
        return self.subject is not None


ANONYMOUS = Caller()

STEWARD = "steward"


@dataclass(frozen=True)
class Rights:
    """What a caller may do, bound into every plan.

    `readable` holds the types whose records may be read; statements on an abstract type get it
    as a predicate.
    """

    caller: Caller
    readable: frozenset[str]

    def check_read(self, touched: Iterable[tuple[str, str]]) -> None:
        """Refuse, before anything runs, a plan that touches a (type, field) without the right.

        Raises Unauthenticated, or Forbidden for a caller who is signed in; both name the field.
        """
        for type_name, part in touched:
            if type_name in self.readable and (part != "history" or self.caller.signed_in):
                continue
            name = f"{type_name}.{part}"
            if not self.caller.signed_in:
                raise Unauthenticated(
                    f"{name} is for signed-in callers: send a token as "
                    "'Authorization: Bearer …' (places alone are readable without one)",
                    field=name,
                )
            raise Forbidden(f"{name} is not open to you", field=name)

    def check_entities(self) -> None:
        """Refuse `_entities` to who is neither signed in nor behind the hub's own gateway."""
        if not (self.caller.signed_in or self.caller.gateway):
            raise Unauthenticated(
                "_entities is for gateways and signed-in callers: ask through the gateway, "
                "or send a token"
            )

    def check_signed_in(self) -> None:
        """Refuse what belongs to a caller to who is none: Unauthenticated."""
        if not self.caller.signed_in:
            raise Unauthenticated("webhooks are for signed-in callers: send a token")

    def check_write(self) -> None:
        """Refuse a mutation without the steward role: Unauthenticated or Forbidden."""
        if not self.caller.signed_in:
            raise Unauthenticated("mutations are for signed-in stewards: send a token")
        if STEWARD not in self.caller.roles:
            raise Forbidden("mutations need the role 'steward', which your token does not carry")


def rights_of(caller: Caller, catalog: Catalog) -> Rights:
    """Places are open to all; everything else to those who are signed in."""
    return Rights(caller, _readable(catalog, caller.signed_in))


@cache
def _readable(catalog: Catalog, signed_in: bool) -> frozenset[str]:
    rows = (*catalog.rows, "GraphChange") if signed_in else ()
    return frozenset((*(e.name for e in catalog if e.public or signed_in), *rows))
