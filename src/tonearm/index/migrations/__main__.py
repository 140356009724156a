"""Migrate in a process of its own: lines `STORE URL` on standard input, since the URL may hold a password."""

import asyncio
import sys
from typing import cast

from sqlalchemy.exc import DBAPIError

from tonearm.index.migrations import Store, migrate


async def main() -> None:
    """Migrate each store that standard input names."""
    for line in sys.stdin.read().splitlines():
        store, _, url = line.partition(" ")
        try:
            await migrate(url, cast("Store", store))
        except DBAPIError as error:
            sys.exit(f"{store}: {told(error)}")


def told(error: DBAPIError) -> str:
    """The database's own sentence on one line, without what SQLAlchemy and its adapters say around it."""
    refusal = error.orig or error
    return "; ".join(str(refusal.__cause__ or refusal).splitlines())


asyncio.run(main())
