"""Two processes that need the same session refreshed at the same moment. A refresh token is good for one use."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.network.xrpc_calls import rkeys
from tests.support.oauth import CONFIDENTIAL, guest, oauth_server
from tests.support.server import NEIGHBOURS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.oauth import Guest
    from tests.support.real_pds import RealPds

pytestmark = pytest.mark.needs_node

ROOT = Path(__file__).parents[2]
ANSWER_LIMIT_S = 30


@asynccontextmanager
async def racer(listener: Guest) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = listener.server.core.settings
    own = {
        "data_dir": settings.data_dir,
        "database_url": settings.database_url,
        "public_url": settings.public_url,
        "port": settings.port,  # part of the development client's id; it is not listened on
        "plc_url": settings.plc_url,
        "handle_resolver_url": settings.handle_resolver_url,
        "allowed_private_hosts": NEIGHBOURS,
    }
    environment = {**os.environ, **{f"TONEARM_{name.upper()}": str(value) for name, value in own.items()}}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.oauth_racer",
        listener.account.did,
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await said(process) == "ready"
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), ANSWER_LIMIT_S)).decode().strip()


@pytest.mark.soak
@pytest.mark.parametrize("public_url", ["", CONFIDENTIAL], ids=["public", "confidential"])
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_processes_that_refresh_at_once_lose_no_session(
    real_pds: RealPds, tmp_path: Path, database: str, public_url: str, soak: bool
):
    rounds = 200 if soak else 6
    keys = iter(rkeys(2 * rounds))
    async with oauth_server(real_pds, tmp_path, database=database, public_url=public_url, outbox=False) as server:
        listener = await guest(server, real_pds)
        seen = {(await listener.kept()).refresh_token}
        async with racer(listener) as one, racer(listener) as two:
            for number in range(rounds):
                await listener.spoil()
                for process in (one, two):
                    assert process.stdin is not None
                    process.stdin.write(f"{next(keys)}\n".encode())
                answers = await asyncio.gather(said(one), said(two))
                assert answers == ["done", "done"], f"round {number}"
                seen.add((await listener.kept()).refresh_token)
        assert len(seen) == rounds + 1  # no round was without a refresh
