"""Callers with different rights, at once through the gateway: each gets its own answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.contract.service import Service

QUERY = '{ search(text: "1", first: 20) { totalCount nodes { __typename code } } }'


async def test_equal_requests_of_different_callers_are_not_shared(live: Service) -> None:
    async with httpx.AsyncClient(base_url=live.url, timeout=60) as client:

        async def ask(headers: dict[str, str]) -> Any:
            answer = await client.post("/graphql", json={"query": QUERY}, headers=headers)
            return answer.json()["data"]["search"]

        signed_in = live.signed_in()
        open_to_all, all_there = await ask({}), await ask(signed_in)
        assert 0 < open_to_all["totalCount"] < all_there["totalCount"]
        for _ in range(10):
            answers = await asyncio.gather(*(ask({} if i % 2 else signed_in) for i in range(16)))
            assert answers[1::2] == [open_to_all] * 8
            assert answers[::2] == [all_there] * 8
