"""`python -m hub.engines`: install the engines, as set-up does."""

import asyncio
import sys

from rich.console import Console

from hub.commands.progress import lines
from hub.engines.archive import make_archives
from hub.engines.install import install
from hub.errors import HubError
from hub.settings import Settings


async def main() -> None:
    """Fetch what is missing and prepare quick starts."""
    settings = Settings()
    with lines() as report:
        await asyncio.to_thread(install, settings, report)
        await make_archives(settings, report)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except HubError as error:
        Console(stderr=True).print(f"{error.message}\n{error.remedy}", highlight=False)
        sys.exit(1)
