"""Webhooks through the API, in both forms of the hub."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.service import Service

MAKE = """mutation($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    secret clientMutationId
    webhook { id url filter state reason owner pending parked failingSince cursor
      deliveries(first: 2) { nodes { messageId } pageInfo { hasNextPage } totalCount } } } }"""
CHANGE = """mutation($input: UpdateWebhookInput!) {
  updateWebhook(input: $input) { secret webhook { state filter oldSecretUntil } } }"""
LIST = "{ webhooks(first: 5) { totalCount nodes { id owner } } }"
GOOD = {"url": "https://1.1.1.1/hook", "filter": {"type": {"eq": "GARBAGE_PILE"}}}


async def ask(service: Service, query: str, subject: str | None, **given: Any) -> dict[str, Any]:
    headers = {} if subject is None else service.signed_in(subject=subject)
    variables = {"input": given} if given else None
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        body = {"query": query, "variables": variables}
        answer = await client.post("/graphql", json=body, headers=headers)
    found: dict[str, Any] = answer.json()
    return found


def code(answer: dict[str, Any]) -> str:
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


async def test_the_life_of_a_webhook(live: Service) -> None:
    made = await ask(live, MAKE, "wang", **GOOD, clientMutationId="m1")
    assert "errors" not in made, made
    payload = made["data"]["createWebhook"]
    assert payload["secret"].startswith("whsec_")
    assert payload["clientMutationId"] == "m1"
    webhook = payload["webhook"]
    assert webhook["filter"] == GOOD["filter"]
    assert (webhook["state"], webhook["owner"], webhook["pending"]) == ("ACTIVE", "wang", 0)
    assert webhook["deliveries"] == {
        "nodes": [],
        "pageInfo": {"hasNextPage": False},
        "totalCount": 0,
    }
    again = await ask(live, MAKE, "wang", **GOOD, clientMutationId="m1")
    assert again["data"]["createWebhook"]["secret"] is None
    assert again["data"]["createWebhook"]["webhook"]["id"] == webhook["id"]
    listed = (await ask(live, LIST, "wang"))["data"]["webhooks"]
    assert listed == {"totalCount": 1, "nodes": [{"id": webhook["id"], "owner": "wang"}]}
    assert (await ask(live, LIST, "zhao"))["data"]["webhooks"]["totalCount"] == 0
    changed = await ask(
        live, CHANGE, "wang", id=webhook["id"], state="PAUSED", filter=None, rotateSecret=True
    )
    payload = changed["data"]["updateWebhook"]
    assert payload["secret"].startswith("whsec_")
    assert (payload["webhook"]["state"], payload["webhook"]["filter"]) == ("PAUSED", None)
    assert payload["webhook"]["oldSecretUntil"] is not None
    other = await ask(live, CHANGE, "zhao", id=webhook["id"], state="ACTIVE")
    assert code(other) == "NOT_FOUND"
    gone = f'mutation {{ deleteWebhook(input: {{id: "{webhook["id"]}"}}) {{ id }} }}'
    assert (await ask(live, gone, "wang"))["data"]["deleteWebhook"]["id"] == webhook["id"]
    assert code(await ask(live, gone, "wang")) == "NOT_FOUND"
    one = f'{{ webhook(id: "{webhook["id"]}") {{ id }} }}'
    assert (await ask(live, one, "wang"))["data"]["webhook"] is None


async def test_refusals(live: Service) -> None:
    assert code(await ask(live, LIST, None)) == "UNAUTHENTICATED"
    assert code(await ask(live, MAKE, None, **GOOD)) == "UNAUTHENTICATED"
    for url in ("http://1.1.1.1/", "https://127.0.0.1/", "https://user@1.1.1.1/"):
        assert code(await ask(live, MAKE, "wang", url=url)) == "BAD_USER_INPUT", url
    many = {"or": [{"zone": {"eq": str(n)}} for n in range(201)]}
    assert code(await ask(live, MAKE, "wang", **GOOD | {"filter": many})) == "TOO_COMPLEX"
    wide = {"camera": {"in": [str(n) for n in range(1001)]}}
    assert "errors" in await ask(live, MAKE, "wang", **GOOD | {"filter": wide})
    bow = [{"longitude": x, "latitude": y} for x, y in ((0, 0), (1, 1), (1, 0), (0, 1))]
    crossed = {"position": {"within": bow}}
    assert code(await ask(live, MAKE, "wang", **GOOD | {"filter": crossed})) == "POLYGON_INVALID"
    replay = 'mutation { replayWebhook(input: {id: "x", after: "forged"}) { unparked } }'
    assert code(await ask(live, replay, "wang")) == "CURSOR_INVALID"
    ping = 'mutation { pingWebhook(input: {id: "x"}) { status } }'
    assert code(await ask(live, ping, "wang")) == "NOT_FOUND"
    both = (
        'mutation { deleteWebhook(input: {id: "x"}) { id } '
        'reviewEvent(input: {id: "x", verdict: CONFIRMED}) { status } }'
    )
    assert code(await ask(live, both, "wang")) == "FORBIDDEN"
    assert (await ask(live, LIST, "wang"))["data"]["webhooks"]["totalCount"] == 0
