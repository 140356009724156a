"""Migrate in a process of its own: lines `STORE URL` on standard input, since the URL may hold a password."""

import asyncio
import sys
from typing import cast

from tonearm.index.migrations import Store, migrate


async def main() -> None:
    """Migrate each store that standard input names."""
    for line in sys.stdin.read().splitlines():
        store, _, url = line.partition(" ")
        await migrate(url, cast("Store", store))


asyncio.run(main())
