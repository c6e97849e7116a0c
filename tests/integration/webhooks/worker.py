"""A process that sends webhooks, to be killed: `python -m tests.integration.webhooks.worker`.

Takes the data folder and PostgreSQL's address as arguments, says `sending` when it has the lease.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hub.keys import Keys
from hub.settings import Settings
from hub.webhooks.service import Webhooks
from resolvers.model import CATALOG
from resolvers.stores.postgres import Postgres


async def main(data: Path, dsn: str) -> None:
    postgres = await Postgres.open(dsn)
    settings = Settings(data=data, webhook_private=True)
    service = Webhooks(settings, Keys(data / "keys"), postgres, CATALOG, first_pause=0.05)
    service.start()
    while not service.sender.leading:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    print("sending", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
