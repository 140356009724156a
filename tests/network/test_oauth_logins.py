"""Logging in with an account on the real PDS: from a name to records in its repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.consent import Visitor
from tests.support.oauth import CONFIDENTIAL, guest, log_in, oauth_server
from tonearm.identity.oauth.scopes import Scopes
from tonearm.services.records import COLLECTIONS
from tonearm.services.signing_in.oauth_logins import OAuthLoginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds
    from tests.support.server import Server

pytestmark = pytest.mark.needs_node


@pytest.fixture
async def local(real_pds: RealPds, tmp_path: Path) -> AsyncIterator[Server]:
    """A server that is the development client."""
    async with oauth_server(real_pds, tmp_path) as server:
        yield server


@pytest.mark.parametrize("public_url", ["", CONFIDENTIAL])
async def test_a_login_ends_in_a_scrobble_in_the_repository(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path, public_url: str
):
    async with oauth_server(real_pds, tmp_path, public_url=public_url) as server:
        listener = await guest(server, real_pds, real_account)
        assert listener.login.account.did == real_account.did
        assert listener.login.account.handle == real_account.handle
        assert listener.login.first
        assert listener.login.purpose == {"kind": "page"}
        await listener.scrobble("Cloudbusting")
        await server.drained()
        assert await listener.titles() == ["Cloudbusting"]
        assert ((await listener.kept()).client_key_id is None) == (public_url == "")
        assert not (await log_in(server, real_pds, real_account)).first


async def test_a_login_begins_from_a_did_and_from_the_url_of_the_server(local: Server, real_pds: RealPds):
    for number in range(2):
        account = real_pds.create_account()
        login = await log_in(local, real_pds, account, identifier=(account.did, f"{real_pds.url}/")[number])
        assert (login.account.did, login.account.handle) == (account.did, account.handle)


async def test_what_is_granted_is_the_least_that_lets_us_write(local: Server, real_pds: RealPds):
    listener = await guest(local, real_pds)
    granted = Scopes.parse((await listener.kept()).scope)
    assert granted == Scopes.of("atproto", *(f"repo:{name}" for name in COLLECTIONS))
    assert granted.missing([*COLLECTIONS, "app.bsky.feed.post"]) == ["app.bsky.feed.post"]
    await log_in(local, real_pds, listener.account, kind="link")
    assert "blob:*/*" in (await listener.kept()).scope


async def test_a_permission_set_stands_for_the_collections(real_pds: RealPds, tmp_path: Path):
    """The set is published as a record, as it will be; the PDS expands it to the scopes that it grants."""
    await publish_the_set(real_pds)
    for public_url in ("", CONFIDENTIAL):
        settings = {"oauth_permission_set": "on", "public_url": public_url}
        async with oauth_server(real_pds, tmp_path / (public_url and "https"), **settings) as server:
            asked = server.core.oauth_logins.asked.always
            assert str(asked) == "atproto include:app.rocksky.authScrobbling"
            listener = await guest(server, real_pds)
            granted = Scopes.parse((await listener.kept()).scope)
            assert granted != asked
            assert granted.missing(COLLECTIONS) == []
            await listener.scrobble("Deeper Understanding")
            await server.drained()
            assert await listener.titles() == ["Deeper Understanding"]


async def publish_the_set(pds: RealPds) -> None:
    import json
    from pathlib import Path

    import aiohttp

    from tests.network.xrpc_calls import Xrpc

    lexicon = Path(__file__).parents[2] / "lexicons" / "app" / "rocksky" / "authScrobbling.json"
    authority = pds.create_account()
    async with aiohttp.ClientSession() as http:
        session: dict[str, Any] = await Xrpc(http, pds.url).ok(
            "com.atproto.server.createSession", {"identifier": authority.handle, "password": authority.password}
        )
        await (
            Xrpc(http, pds.url)
            .with_token(session["accessJwt"])
            .ok(
                "com.atproto.repo.putRecord",
                {
                    "repo": authority.did,
                    "collection": "com.atproto.lexicon.schema",
                    "rkey": "app.rocksky.authScrobbling",
                    "record": {"$type": "com.atproto.lexicon.schema", **json.loads(lexicon.read_text())},
                },
            )
        )
    pds.read_lexicons_of(authority.did)


async def refused(server: Server, pds: RealPds, account: RealAccount, *, binding: str = "cookie", **query: str) -> str:
    """Agree, and come back with something changed; answers the name of the error."""
    url = await server.core.oauth_logins.begin(account.handle, binding="cookie", purpose={"kind": "page"})
    back = await Visitor(pds.url).agree(url, account)
    with pytest.raises(OAuthLoginError) as raised:
        await server.core.oauth_logins.finish({**back, **query}, binding=binding)
    assert not await server.core.oauth_sessions.has(account.did)
    with pytest.raises(OAuthLoginError, match="Begin again"):
        await server.core.oauth_logins.finish(back, binding="cookie")  # one callback, good or bad
    return raised.value.name


async def test_a_callback_that_was_tampered_with_makes_no_session(local: Server, real_pds: RealPds):
    account = real_pds.create_account()
    assert await refused(local, real_pds, account, iss="https://elsewhere.example") == "IssuerMismatch"
    assert await refused(local, real_pds, account, iss="") == "IssuerMismatch"
    for code in ("another", "", "\udc80", "a\nb", "x" * 3000):
        assert await refused(local, real_pds, account, code=code) == "ServerRefused"
    assert await refused(local, real_pds, account, error="access_denied") == "AccessDenied"
    assert await refused(local, real_pds, account, binding="another browser") == "StateUnknown"


async def test_whoever_agrees_as_somebody_else_is_not_logged_in(local: Server, real_pds: RealPds):
    named, other = real_pds.create_account(), real_pds.create_account()
    url = await local.core.oauth_logins.begin(named.did, binding="cookie", purpose={"kind": "page"})
    back = await Visitor(real_pds.url).agree(url, named)
    # The same login at the server, of another account than the one that was named here.
    begun = await local.core.oauth_logins.begin(real_pds.url, binding="cookie", purpose={"kind": "page"})
    theirs = await Visitor(real_pds.url).agree(begun, other)
    with pytest.raises(OAuthLoginError) as raised:
        await local.core.oauth_logins.finish({**back, "code": theirs["code"]}, binding="cookie")
    assert raised.value.name == "ServerRefused"  # a code is bound to its request's key and verifier
    assert not await local.core.oauth_sessions.has(named.did)
    assert not await local.core.oauth_sessions.has(other.did)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("nobody.test", "HandleNotFound"),
        ("not a handle!", "IdentifierInvalid"),
        ("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "DidNotFound"),
        ("http://127.0.0.1:9", "ServerUnavailable"),
        ("http://[::1", "IdentifierInvalid"),
    ],
)
async def test_a_name_that_leads_nowhere_is_told(local: Server, identifier: str, name: str):
    with pytest.raises(OAuthLoginError) as raised:
        await local.core.oauth_logins.begin(identifier, binding="cookie", purpose={"kind": "page"})
    assert raised.value.name == name
    assert raised.value.purpose == {"kind": "page"}


async def test_an_account_of_this_server_has_no_other_server_to_ask(local: Server):
    for identifier in (local.handle, local.did, local.url):
        with pytest.raises(OAuthLoginError) as raised:
            await local.core.oauth_logins.begin(identifier, binding="cookie", purpose={})
        assert raised.value.name == "LocalAccount"
