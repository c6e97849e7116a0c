"""A loader or a projector as a process of its own, to be killed.

`python -m tests.integration.writes.worker load|project SIZE EACH` with the stores' addresses as
JSON on standard input. The loader prints a line for each batch it has written.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from resolvers.stores import change_log
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.projection import Projection
from tests.integration.writes.conftest import Site, open_site
from tests.small_district import batches


async def load(site: Site, size: int, each: int, projecting: bool) -> None:
    if projecting:
        site.task = asyncio.create_task(site.projector.run())
    writer = site.writer()
    for n, batch in enumerate(batches(size, each), 1):
        result = await writer.write(batch)
        assert not result.rejections, result.rejections[:3]
        print("batch", n, flush=True)
    if projecting:
        projection = Projection(site.postgres, site.graph)
        wanted = await change_log.head(site.postgres)
        reached = await projection.wait_for(wanted, 60)
        assert reached, (site.projector.trouble, site.projector.position, wanted)
    print("done", writer.total.created, flush=True)


async def main(what: str, size: int, each: int) -> None:
    site = await open_site(StoreAddresses(**json.loads(sys.stdin.read())))
    try:
        if what == "project":
            print("projecting", flush=True)
            await site.projector.run()
        else:
            await load(site, size, each, projecting=what == "load")
    finally:
        await site.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
