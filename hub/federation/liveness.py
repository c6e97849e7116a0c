"""Whether partners' subgraphs answer now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hub.federation.address import Unreachable, served_sdl
from hub.federation.partner import Partner

AT_ONCE = 16


async def faults(partners: Sequence[Partner], seconds: float) -> dict[str, str | None]:
    """Why each partner does not answer within so many seconds, None where it does; by name."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(partner: Partner) -> tuple[str, str | None]:
        async with gate:
            try:
                await served_sdl(partner.url, seconds)
            except Unreachable as error:
                return partner.name, str(error)
            return partner.name, None

    return dict(await asyncio.gather(*(ask(partner) for partner in partners)))
