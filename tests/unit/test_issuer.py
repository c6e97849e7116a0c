"""Tokens: what is signed, what is refused."""

from __future__ import annotations

import base64
import json
import multiprocessing
import stat
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from hub.errors import HubError
from hub.issuer import ALGORITHM, Issuer
from hub.keys import Keys
from resolvers.errors import Unauthenticated

NOW = 1_800_000_000


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", auto_kid=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(key: OKPKey, clock: Clock) -> Issuer:
    return Issuer(key, issuer="city-hub", audience="city-hub", leeway=30, now=clock)


def claims(**other: Any) -> dict[str, Any]:
    base = {"iss": "city-hub", "aud": "city-hub", "sub": "li", "iat": NOW, "exp": NOW + 60}
    return {name: value for name, value in (base | other).items() if value is not ...}


def signed(key: Any, what: dict[str, Any], alg: str = ALGORITHM, **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, what, key, algorithms=[alg])


def test_a_token_tells_its_caller(issuer: Issuer) -> None:
    token = issuer.issue("李雷", roles=["steward"], department="11370202MB0001", hours=1)
    caller = issuer.verify(token)
    assert (caller.subject, caller.roles) == ("李雷", frozenset({"steward"}))
    assert caller.department == "11370202MB0001"
    assert caller.signed_in


def test_it_expires_after_its_leeway(issuer: Issuer, clock: Clock) -> None:
    token = issuer.issue("li", hours=1)
    clock.now = NOW + 3600 + 29
    issuer.verify(token)
    clock.now = NOW + 3600 + 30
    with pytest.raises(Unauthenticated, match="expired"):
        issuer.verify(token)


def test_it_is_not_of_the_future(issuer: Issuer, clock: Clock) -> None:
    token = issuer.issue("li")
    clock.now = NOW - 31
    with pytest.raises(Unauthenticated, match="'iat'"):
        issuer.verify(token)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"iss": "elsewhere"}, "'iss'"),
        ({"aud": "elsewhere"}, "'aud'"),
        ({"iss": ...}, "'iss'"),
        ({"aud": ...}, "'aud'"),
        ({"sub": ...}, "'sub'"),
        ({"sub": " "}, "'sub'"),
        ({"sub": 7}, "'sub'"),
        ({"exp": ...}, "'exp'"),
        ({"exp": "tomorrow"}, "'exp'"),
        ({"iat": ...}, "'iat'"),
        ({"nbf": NOW + 60}, "'nbf'"),
        ({"roles": "steward"}, "'roles'"),
        ({"roles": [1]}, "'roles'"),
        ({"department": 5}, "'department'"),
    ],
)
def test_claims_that_are_refused(
    issuer: Issuer, key: OKPKey, other: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unauthenticated, match=reason):
        issuer.verify(signed(key, claims(**other)))


def test_signatures_that_are_refused(issuer: Issuer, key: OKPKey) -> None:
    issuer.verify(signed(key, claims()))
    another = OKPKey.generate_key("Ed25519", auto_kid=True)
    public = json.dumps(key.as_dict(private=False)).encode()
    confused = OctKey.import_key(public)  # the public key taken for a shared secret
    good = signed(key, claims())
    head, body, signature = good.split(".")
    nobody = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    forged = base64.urlsafe_b64encode(json.dumps(claims(roles=["steward"])).encode()).decode()
    for token in (
        signed(another, claims()),
        signed(another, claims(), kid=key.kid),
        jwt.encode({"alg": "HS256", "kid": key.kid}, claims(), confused, algorithms=["HS256"]),
        signed(RSAKey.generate_key(2048, auto_kid=True), claims(), alg="RS256"),
        f"{nobody}.{body}.",
        f"{nobody}.{body}.{signature}",
        f"{head}.{forged.rstrip('=')}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        good[:-4] + "AAAA",
        "",
        "..",
        "not a token",
        "é.é.é",
    ):
        with pytest.raises(Unauthenticated):
            issuer.verify(token)


def test_a_key_named_otherwise_is_refused(issuer: Issuer, key: OKPKey) -> None:
    with pytest.raises(Unauthenticated, match="no longer has"):
        issuer.verify(signed(key, claims(), kid="older"))


def test_long_tokens_are_not_even_read(issuer: Issuer, key: OKPKey) -> None:
    with pytest.raises(Unauthenticated, match="longer than"):
        issuer.verify(signed(key, claims(note="x" * 5_000)))
    with pytest.raises(ValueError, match="longer"):
        issuer.issue("x" * 5_000)


def test_messages_do_not_repeat_the_token(issuer: Issuer, key: OKPKey) -> None:
    token = signed(key, claims(exp=NOW - 100))
    with pytest.raises(Unauthenticated) as caught:
        issuer.verify(token)
    assert token.split(".")[1] not in caught.value.message


def test_keys_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first, again = Keys(folder), Keys(folder)
    assert first.issuer.kid == again.issuer.kid
    assert first.cursor == again.cursor
    assert len(first.cursor) == 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert sorted(path.name for path in folder.iterdir()) == ["cursor.key", "issuer.jwk"]
    (folder / "issuer.jwk").chmod(0o644)
    with pytest.raises(HubError, match="others may read"):
        _ = Keys(folder).issuer


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = set(pool.map(cursor_of, [str(folder)] * 12))
    assert len(found) == 1
    assert [path.name for path in folder.iterdir()] == ["cursor.key"]


def cursor_of(folder: str) -> bytes:
    return Keys(Path(folder)).cursor


def test_the_published_key_is_public_only(issuer: Issuer) -> None:
    [published] = issuer.jwks()["keys"]
    assert "d" not in published
    assert published["crv"] == "Ed25519"
    assert published["alg"] == "Ed25519"
