"""The process that sends is killed, or stopped and woken: nothing is missed, the order holds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.integration.webhooks.conftest import ANNE, Site
from tests.integration.webhooks.receiver import Answer, check_order, receiving


@asynccontextmanager
async def worker(site: Site) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.webhooks.worker",
        str(site.data),
        site.at.postgres_service_dsn,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def sending(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"sending\n"


@pytest.mark.soak
async def test_kill_9_again_and_again(site: Site, full_scale: bool) -> None:
    kills, each = (10, 200) if full_scale else (2, 60)
    service = site.service()
    async with receiving(lambda got: Answer(delay=0.02)) as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        for kill in range(kills):
            await site.fill(each, cameras=7)
            async with worker(site) as process:
                await sending(process)
                await receiver.until(lambda: len(receiver.taken) >= kill * each + each // 2)  # noqa: B023
                process.kill()
        total = kills * each
        async with worker(site) as process:
            await sending(process)
            await receiver.until(lambda: len({got.id for got in receiver.taken}) >= total)
            await site.until(row["id"], DELIVERED=total)
        repeats = check_order(receiver.taken)
        versions = {got.event for got in receiver.taken}
        assert len(versions) == len({got.id for got in receiver.taken}) == total
        assert repeats <= kills * 8
    print(f"stored {total}, delivered {total}, lost 0, repeated {repeats}, out of order 0")


@pytest.mark.soak
async def test_a_stopped_process_loses_the_lease(site: Site, full_scale: bool) -> None:
    if not full_scale:
        pytest.skip("takes as long as a stopped process keeps the lease")
    service = site.service()
    async with receiving(lambda got: Answer(delay=0.02)) as receiver:
        row, _ = await service.commands.create({"url": receiver.url}, ANNE)
        async with worker(site) as stopped:
            await sending(stopped)
            await site.fill(50)
            await receiver.until(lambda: len(receiver.taken) >= 20)
            os.kill(stopped.pid, signal.SIGSTOP)
            async with worker(site) as other:
                await sending(other)
                await receiver.until(lambda: len({got.id for got in receiver.taken}) >= 50, 40)
                os.kill(stopped.pid, signal.SIGCONT)
                await site.fill(50)
                await receiver.until(lambda: len({got.id for got in receiver.taken}) >= 100)
                await site.until(row["id"], DELIVERED=100)
        repeats = check_order(receiver.taken)
    print(f"stored 100, delivered 100, lost 0, repeated {repeats}, out of order 0")
