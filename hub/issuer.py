"""The built-in issuer: signs the tokens callers show, and checks them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import OKPKey

from resolvers.errors import Unauthenticated
from resolvers.rights import Caller

ALGORITHM = "Ed25519"
"""The one signature that is made and accepted (RFC 9864: EdDSA over curve Ed25519)."""

KNOWN_TOKENS = 1_000
"""Tokens whose signature was checked and need not be again before they expire."""


class Issuer:
    """Signs and checks JSON Web Tokens (RFC 7519) with one Ed25519 key.

    `now` gives seconds since the epoch; `leeway` is in seconds, `max_bytes` bounds a token.
    """

    def __init__(
        self,
        key: OKPKey,
        *,
        issuer: str,
        audience: str,
        leeway: int = 30,
        max_bytes: int = 4096,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._issuer = issuer
        self.audience = audience
        self._max_bytes = max_bytes
        self._now = now
        self._leeway = leeway
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )

    def issue(
        self,
        subject: str,
        *,
        roles: Iterable[str] = (),
        department: str | None = None,
        hours: float = 8,
        audience: str | None = None,
    ) -> str:
        """A signed token for `subject` that lasts `hours`, for this hub or another `audience`.

        Raises ValueError for a bad subject.
        """
        if not subject.strip() or hours <= 0:
            raise ValueError("a token needs a subject and a time to last")
        began = int(self._now())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": audience or self.audience,
            "sub": subject,
            "roles": sorted(set(roles)),
            "iat": began,
            "exp": began + round(hours * 3600),
        }
        if department is not None:
            claims["department"] = department
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        if len(token) > self._max_bytes:
            raise ValueError(f"the token would be longer than {self._max_bytes} bytes")
        return token

    def verify(self, token: str) -> Caller:
        """The caller a token was issued to.

        Raises Unauthenticated for a token that is expired, forged, made for somebody else, too
        long, or signed in any other way; the message says which, never the token.
        """
        if len(token) > self._max_bytes:
            raise _refusal(f"it is longer than {self._max_bytes} bytes")
        known = self._known.get(token)
        if known is not None and self._now() < known[1]:
            self._known.move_to_end(token)
            return known[0]
        caller, expires = self._verified(token)
        caller = replace(caller, expires=expires + self._leeway)
        self._known[token] = caller, expires + self._leeway
        if len(self._known) > KNOWN_TOKENS:
            self._known.popitem(last=False)
        return caller

    def _verified(self, token: str) -> tuple[Caller, float]:
        """The caller, and when the token expires in seconds since the epoch."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError) as error:
            raise _refusal("its signature is not this hub's") from error
        if decoded.header.get("kid") != self._key.kid:
            raise _refusal("it was signed with a key this hub no longer has")
        try:
            self._claims.validate(decoded.claims)
        except ExpiredTokenError as error:
            raise _refusal("it has expired") from error
        except (InvalidClaimError, MissingClaimError) as error:
            raise _refusal(f"its claim {error.claim!r} is missing or not accepted") from error
        return _caller(decoded.claims), float(decoded.claims["exp"])

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517, 5)."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._key.kid, "use": "sig", "alg": ALGORITHM}]}


def _caller(claims: dict[str, Any]) -> Caller:
    subject, roles = claims["sub"], claims.get("roles", [])
    department = claims.get("department")
    if not subject.strip():
        raise _refusal("its claim 'sub' is empty")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise _refusal("its claim 'roles' is not a list of names")
    if department is not None and not isinstance(department, str):
        raise _refusal("its claim 'department' is not a code")
    return Caller(subject, frozenset(roles), department)


def _refusal(reason: str) -> Unauthenticated:
    return Unauthenticated(
        f"the token is not accepted: {reason}; get a new one (`hub token`) or send none"
    )
