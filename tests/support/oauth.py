"""A server whose people have their accounts on the reference PDS."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.support.consent import Visitor
from tests.support.server import Server, running_server
from tonearm.index import outbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds
    from tonearm.index.outbox import ActorState
    from tonearm.services.signing_in.oauth_logins import FinishedLogin
    from tonearm.services.signing_in.oauth_store import KeptSession

CONFIDENTIAL = "https://tonearm.scrobbler.dev"
SCROBBLE = "app.rocksky.scrobble"


@dataclass
class Guest:
    """Somebody with an account on the reference PDS, logged in here."""

    server: Server
    pds: RealPds
    account: RealAccount
    login: FinishedLogin
    token: str

    @property
    def actor_id(self) -> int:
        return self.login.account.actor_id

    async def session(self) -> KeptSession | None:
        return await self.server.core.oauth_sessions.store.of_did(self.account.did)

    async def kept(self) -> KeptSession:
        session = await self.session()
        assert session is not None
        return session

    async def spoil(self) -> None:
        """Make the access token one that the PDS takes no more, as it will be within the hour."""
        session = await self.kept()
        await self.server.core.oauth_sessions.store.update(replace(session, access_token="worn-out"))

    async def scrobble(self, title: str) -> None:
        status, made = await self.server.tell(
            f"{SCROBBLE}.createScrobble", {"title": title, "artist": "Kate Bush"}, token=self.token
        )
        assert status == 200, made

    async def titles(self) -> list[str]:
        """The titles of the scrobbles in the repository, sorted."""
        async with self.server.http.get(
            f"{self.pds.url}/xrpc/com.atproto.repo.listRecords",
            params={"repo": self.account.did, "collection": SCROBBLE, "limit": "100"},
        ) as answer:
            return sorted(record["value"]["title"] for record in (await answer.json())["records"])

    async def state(self) -> ActorState:
        """How publishing stands."""
        return await self.server.core.index.read(outbox.actor_state(self.actor_id))


@asynccontextmanager
async def oauth_server(pds: RealPds, folder: Path, **settings: Any) -> AsyncIterator[Server]:
    """A server whose identities are those of the PDS's directory; the PDS reads its documents where it really is."""
    neighbours = {"plc_url": pds.plc_url, "handle_resolver_url": pds.url}
    async with running_server(folder, **{**neighbours, **settings}) as server:
        if settings.get("public_url"):
            pds.read_client_at(settings["public_url"], server.url)
        yield server


async def log_in(
    server: Server, pds: RealPds, account: RealAccount, *, identifier: str = "", kind: str = "page"
) -> FinishedLogin:
    """The whole dance, without a browser."""
    logins = server.core.oauth_logins
    url = await logins.begin(identifier or account.handle, binding="cookie", purpose={"kind": kind})
    return await logins.finish(await Visitor(pds.url).agree(url, account), binding="cookie")


async def guest(server: Server, pds: RealPds, account: RealAccount | None = None) -> Guest:
    """Somebody new who has logged in."""
    account = account or pds.create_account()
    login = await log_in(server, pds, account)
    token = await server.core.api_tokens.create(login.account.actor_id, "test", ["read", "scrobble"], lives_s=None)
    return Guest(server, pds, account, login, token)
