"""A second server over the databases of a first: it writes records when it is told to, for the tests of races.

    TONEARM_PORT=... python -m tests.support.oauth_racer DID

Says `ready`. For each line `RKEY` it writes a scrobble with that key and says `done`, or the name of the error.
"""

from __future__ import annotations

import asyncio
import sys

from tests.network.xrpc_calls import scrobble
from tests.support.pds_sessions import write_of
from tonearm.core import open_core
from tonearm.pds.errors import PdsError
from tonearm.settings import load_settings


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def race(did: str) -> None:
    async with open_core(load_settings()) as core:
        say("ready")
        while rkey := (await asyncio.to_thread(sys.stdin.readline)).strip():
            try:
                await core.remote.apply_writes(did, [write_of(rkey, scrobble(1))])
            except PdsError as error:
                say(f"{type(error).__name__} {error}")
            else:
                say("done")


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1]))
