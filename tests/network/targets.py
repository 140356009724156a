"""The PDSes that the contract suite runs against: the reference from npm, and the one built into Tonearm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from atproto_core.did_doc import DidDocument

from tests.network.xrpc_calls import SCROBBLE, Xrpc
from tests.support.server import NEIGHBOURS
from tonearm.outbound import OutboundClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path


@dataclass(frozen=True)
class Account:
    did: str
    handle: str
    password: str


@dataclass(frozen=True)
class Target:
    """A PDS and a fresh account on it.

    `api` calls with the account's session, `anyone` without credentials.
    """

    name: str
    account: Account
    anyone: Xrpc
    api: Xrpc
    new_account: Callable[[], Awaitable[Account]]

    @property
    def url(self) -> str:
        return self.anyone.url

    @property
    def did(self) -> str:
        return self.account.did

    @property
    def http(self) -> aiohttp.ClientSession:
        return self.anyone.http

    async def login(self, account: Account) -> Xrpc:
        return await login(self.anyone, account)

    async def signing_key(self) -> str:
        """The account's key as a did:key, out of its DID document."""
        described = await self.anyone.ask("com.atproto.repo.describeRepo", repo=self.did)
        return signing_key_of(described["didDoc"], self.did)

    async def records(self, collection: str = SCROBBLE) -> dict[str, str]:
        """All records of a collection, rkey to CID, as listRecords pages them."""
        found: dict[str, str] = {}
        cursor: dict[str, Any] = {}
        while True:
            page = await self.anyone.ask(
                "com.atproto.repo.listRecords", repo=self.did, collection=collection, limit=100, **cursor
            )
            found.update({r["uri"].rsplit("/", 1)[1]: r["cid"] for r in page["records"]})
            if not page["records"] or "cursor" not in page:
                return found
            cursor = {"cursor": page["cursor"]}

    async def head(self) -> dict[str, str]:
        """The repository's latest commit: cid and rev."""
        return await self.anyone.ask("com.atproto.sync.getLatestCommit", did=self.did)


def signing_key_of(document: dict[str, Any], did: str) -> str:
    """The key as a did:key, whichever of the two forms the document has it in."""
    assert document["id"] == did
    key = DidDocument.from_dict(document).get_did_key()
    assert key
    return key


async def login(anyone: Xrpc, account: Account) -> Xrpc:
    session = await anyone.ok(
        "com.atproto.server.createSession", {"identifier": account.handle, "password": account.password}
    )
    return anyone.with_token(session["accessJwt"])


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def outbound() -> AsyncIterator[OutboundClient]:
    async with OutboundClient(user_agent="test", allowed_private_hosts=NEIGHBOURS.split(",")) as client:
        yield client


@pytest.fixture(
    params=[
        "builtin",
        pytest.param("builtin-postgresql", marks=pytest.mark.needs_postgres),
        pytest.param("real", marks=pytest.mark.needs_node),
    ]
)
async def target(request: pytest.FixtureRequest, http: aiohttp.ClientSession, tmp_path: Path) -> AsyncIterator[Target]:
    if request.param == "real":
        pds = request.getfixturevalue("real_pds")

        async def new_account() -> Account:
            made = pds.create_account()
            return Account(made.did, made.handle, made.password)

        yield await _target("real", Xrpc(http, pds.url), await new_account(), new_account)
        return

    from tests.support.server import running_server

    database = "postgresql" if request.param == "builtin-postgresql" else "sqlite"
    async with running_server(tmp_path, database=database) as server:

        async def new_local_account() -> Account:
            made = await server.create_account()
            return Account(made.did, made.handle, made.password)

        first = Account(server.did, server.handle, server.password)
        yield await _target(request.param, Xrpc(http, server.url), first, new_local_account)


async def _target(name: str, anyone: Xrpc, account: Account, new_account: Callable[[], Awaitable[Account]]) -> Target:
    return Target(name, account, anyone, await login(anyone, account), new_account)
