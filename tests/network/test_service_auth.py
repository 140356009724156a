"""The reference PDS vouches for its accounts: a token that it makes, and calls that it passes on to us."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.network.targets import Account, login
from tests.network.xrpc_calls import Xrpc
from tests.support.server import Server, free_port, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = pytest.mark.needs_node

QUEUE = "app.tonearm.journal.getQueue"
SCROBBLE = "app.rocksky.scrobble.createScrobble"


@asynccontextmanager
async def neighbour(pds: RealPds, folder: Path) -> AsyncIterator[tuple[Server, str]]:
    """A server that the PDS can find, and its DID."""
    port = free_port()
    settings = {"port": port, "public_url": f"http://localhost:{port}", "plc_url": pds.plc_url}
    async with running_server(folder, outbox=False, **settings) as server:
        yield server, f"did:web:localhost%3A{port}"


@pytest.fixture
async def caller(real_pds: RealPds, real_account: RealAccount, http: aiohttp.ClientSession) -> Xrpc:
    account = Account(real_account.did, real_account.handle, real_account.password)
    return await login(Xrpc(http, real_pds.url), account)


async def test_a_token_of_the_real_pds_opens_the_method_that_it_names_once(
    real_pds: RealPds, caller: Xrpc, tmp_path: Path
):
    async with neighbour(real_pds, tmp_path) as (server, did):
        made = await caller.ask("com.atproto.server.getServiceAuth", aud=did, lxm=QUEUE)
        assert (await server.ask(QUEUE, token=made["token"]))[0] == 200
        assert (await server.ask(QUEUE, token=made["token"]))[0] == 401
        for claims in ({"aud": did}, {"aud": did, "lxm": SCROBBLE}, {"aud": real_pds.did, "lxm": QUEUE}):
            other = await caller.ask("com.atproto.server.getServiceAuth", **claims)
            status, answer = await server.ask(QUEUE, token=other["token"])
            assert (status, answer["error"]) == (401, "InvalidToken")


async def test_the_real_pds_passes_calls_on_and_we_know_whose_they_are(
    real_pds: RealPds, real_account: RealAccount, caller: Xrpc, tmp_path: Path
):
    async with neighbour(real_pds, tmp_path) as (server, did):

        async def passed_on(method: str, body: Any = None) -> tuple[int, Any]:
            headers = {"atproto-proxy": f"{did}#tonearm", "Authorization": f"Bearer {caller.token}"}
            verb = "GET" if body is None else "POST"
            async with caller.http.request(
                verb, f"{real_pds.url}/xrpc/{method}", headers=headers, **({"json": body} if body else {})
            ) as answer:
                return answer.status, await answer.json()

        for _ in range(3):
            status, answer = await passed_on(QUEUE)
            assert (status, answer) == (200, {"entries": []})
        play = {"title": "Running Up That Hill", "artist": "Kate Bush"}
        assert (await passed_on(SCROBBLE, play))[0] == 403
        await server.core.accounts.add_remote(real_account.did, real_account.handle, real_pds.url)
        status, answer = await passed_on(SCROBBLE, play)
        assert status == 200, answer
        status, queue = await passed_on(QUEUE)
        assert (status, len(queue["entries"]) > 0) == (200, True)
