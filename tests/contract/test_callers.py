"""Who asks: tokens over HTTP."""

from __future__ import annotations

import httpx
import pytest
from joserfc.jwk import OKPKey

from hub.context import issuer_of
from hub.issuer import Issuer
from tests.contract.service import Service

WHO = {"query": "{ whoami { subject roles department } }"}
NEW = "application/graphql-response+json"


async def test_without_a_token_a_caller_is_anonymous(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json=WHO)
    assert answer.json()["data"]["whoami"] == {"subject": None, "roles": [], "department": None}


async def test_a_token_names_its_caller(http: httpx.AsyncClient, tiny: Service) -> None:
    headers = tiny.signed_in(subject="韩梅梅", roles=["steward"], department="11370202")
    answer = await http.post("/graphql", json=WHO, headers=headers)
    assert answer.json()["data"]["whoami"] == {
        "subject": "韩梅梅",
        "roles": ["steward"],
        "department": "11370202",
    }
    answer = await http.post("/graphql", json={"query": "mutation { touch }"}, headers=headers)
    assert answer.json() == {"data": {"touch": 1}}


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x.y.z", "Basic bGk6c2VjcmV0", "token", "Bearer " + "x" * 5_000],
)
async def test_a_bad_token_is_refused(http: httpx.AsyncClient, header: str) -> None:
    for accept in (NEW, "application/json"):
        headers = {"Authorization": header, "Accept": accept}
        answer = await http.post("/graphql", json=WHO, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith(accept)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_several_tokens_are_refused(http: httpx.AsyncClient, tiny: Service) -> None:
    value = tiny.signed_in()["Authorization"]
    headers = [("Authorization", value), ("Authorization", value)]
    answer = await http.post("/graphql", json=WHO, headers=headers)
    assert answer.status_code == 401


async def test_an_expired_token_is_refused(http: httpx.AsyncClient, tiny: Service) -> None:

    settings = tiny.hub.settings
    past = Issuer(
        tiny.hub.keys.issuer,
        issuer=settings.issuer,
        audience=settings.audience,
        now=lambda: 1_000_000_000,
    )
    headers = {"Authorization": f"Bearer {past.issue('li')}"}
    answer = await http.post("/graphql", json=WHO, headers=headers)
    assert answer.status_code == 401
    assert "expired" in answer.json()["errors"][0]["message"]
    assert issuer_of(settings, tiny.hub.keys).verify(tiny.token()).subject == "li"


async def test_what_needs_a_token_says_so(http: httpx.AsyncClient, tiny: Service) -> None:
    body = {"query": "query($code: String!) { fail(code: $code) }"}
    asked = body | {"variables": {"code": "UNAUTHENTICATED"}}
    answer = await http.post("/graphql", json=asked, headers={"Accept": NEW})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="city-hub"'


async def test_the_public_key_is_published(http: httpx.AsyncClient, tiny: Service) -> None:
    answer = await http.get("/.well-known/jwks.json")
    [published] = answer.json()["keys"]
    assert OKPKey.import_key(published).thumbprint() == tiny.hub.keys.issuer.kid
    assert "d" not in published
