"""Logging in with an account on the real PDS: from the handle to a record in its repository."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.consent import Visitor
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = pytest.mark.needs_node

CONFIDENTIAL = "https://tonearm.scrobbler.dev"


@asynccontextmanager
async def oauth_server(pds: RealPds, folder: Path, **settings: Any) -> AsyncIterator[Server]:
    """A server whose identities are those of the real PDS's directory."""
    neighbours = {"plc_url": pds.plc_url, "handle_resolver_url": pds.url}
    async with running_server(folder, **{**neighbours, **settings}) as server:
        if settings.get("public_url"):
            pds.read_client_at(settings["public_url"], server.url)
        yield server


async def log_in(server: Server, pds: RealPds, account: RealAccount, **more: Any) -> Any:
    url = await server.core.oauth_logins.begin(account.handle, binding="cookie", purpose={"kind": "page"}, **more)
    query = await Visitor(pds.url).agree(url, account)
    return await server.core.oauth_logins.finish(query, binding="cookie")


@pytest.mark.parametrize("public_url", ["", CONFIDENTIAL])
async def test_a_login_ends_in_a_scrobble_in_the_repository(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path, public_url: str
):
    async with oauth_server(real_pds, tmp_path, public_url=public_url) as server:
        login = await log_in(server, real_pds, real_account)
        assert login.account.did == real_account.did
        assert login.account.handle == real_account.handle
        assert login.first
        assert login.purpose == {"kind": "page"}
        token = await server.core.api_tokens.create(login.account.actor_id, "test", ["read", "scrobble"], lives_s=None)
        status, made = await server.tell(
            "app.rocksky.scrobble.createScrobble", {"title": "Cloudbusting", "artist": "Kate Bush"}, token=token
        )
        assert status == 200, made
        await server.drained()
        async with server.http.get(
            f"{real_pds.url}/xrpc/com.atproto.repo.listRecords",
            params={"repo": real_account.did, "collection": "app.rocksky.scrobble"},
        ) as answer:
            records = (await answer.json())["records"]
        assert [record["value"]["title"] for record in records] == ["Cloudbusting"]
        assert not (await log_in(server, real_pds, real_account)).first
