"""A webhook as the sender holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from hub.webhooks.secrets import Cipher
from hub.webhooks.target import Target, read_target
from resolvers.catalog import Catalog
from resolvers.cursors import CursorKey
from resolvers.events import EVENT
from resolvers.params import Binding
from resolvers.rights import Caller, rights_of
from resolvers.row_matching import Predicate, predicate, terms


@dataclass(frozen=True)
class Opening:
    """What it takes to make a webhook of its row."""

    catalog: Catalog
    cipher: Cipher
    cursor_key: CursorKey
    private: bool


@dataclass(eq=False)
class Webhook:
    """An active webhook, and how far it has been looked through in this process."""

    id: str
    revision: int
    target: Target
    matches: Predicate
    terms: tuple[tuple[str, str], ...]
    secret: bytes = field(repr=False)
    old_secret: bytes | None = field(repr=False)
    old_until: datetime | None
    epoch: int
    offsets: tuple[int, ...]
    """At least as far as its row says; what lies between did not match."""
    failing: bool
    """Whether nothing was delivered of late, by its row."""
    waiting: int = field(default=0)
    """Deliveries that wait, about."""
    kept_at: float = field(default=0.0)
    """When its row was last brought up to the position, on the monotonic clock."""

    @classmethod
    def of(cls, row: Mapping[str, Any], opening: Opening) -> Webhook:
        """The webhook of a row. Raises UrlRefused, SecretLost or HubError if it cannot work."""
        caller = Caller(row["owner"], frozenset(row["roles"]), row["department"])
        rights = rights_of(caller, opening.catalog)
        rights.check_read([(EVENT.name, "id")])
        given = None if row["filter"] is None else orjson.loads(row["filter"])
        old = row["old_secret"]
        return cls(
            row["id"],
            row["revision"],
            read_target(row["url"], private=opening.private),
            predicate(EVENT, given, Binding({}, rights, opening.cursor_key, None)),
            terms(given),
            opening.cipher.open(row["secret"], row["id"]),
            None if old is None else opening.cipher.open(old, row["id"]),
            row["old_secret_until"],
            row["epoch"],
            tuple(row["offsets"]),
            row["failing_since"] is not None,
        )

    def secrets(self) -> list[bytes]:
        """What to sign with: the secret, and the one before while both count."""
        old, until = self.old_secret, self.old_until
        if old is None or until is None or until <= datetime.now(UTC):
            return [self.secret]
        return [self.secret, old]

    def left(self, doc: Mapping[str, Any]) -> bool | None:
        """False for a version that matches, True for one that no longer does, None for others."""
        if self.matches(doc):
            return False
        before = doc.get("before")
        return True if before is not None and self.matches({**doc, **before}) else None
