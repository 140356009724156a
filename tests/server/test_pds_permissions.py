"""What still needs the permission to write elsewhere, and how publishing stands, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.services.signing_in.pds_permissions import PdsPermissions, Publishing, host_of

if TYPE_CHECKING:
    from tests.support.server import Server
    from tonearm.index.queries.actors import AccountRow


@dataclass
class Sessions:
    """Sessions of one kind with PDSes elsewhere."""

    open: set[str] = field(default_factory=set)

    async def has(self, did: str) -> bool:
        return did in self.open

    async def end(self, did: str) -> None:
        self.open.discard(did)


def permissions_of(server: Server, *kinds: Sessions) -> PdsPermissions:
    core = server.core
    return PdsPermissions(core.index, kinds, core.logins, core.api_tokens, core.player_keys)


async def somebody(server: Server) -> AccountRow:
    return await server.core.accounts.add_remote(
        "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "ann.example", "https://pds.example"
    )


async def test_any_other_session_token_or_player_key_still_needs_the_permission(server: Server) -> None:
    core, account = server.core, await somebody(server)
    actor_id = account.actor_id
    permissions = permissions_of(server)
    cookie = await core.logins.open_browser(actor_id, agent="", address="")
    here = (await core.logins.browser(cookie)).session_id
    assert not await permissions.needed_without(account, here)

    tokens = await core.logins.open_app(actor_id, label="Phone", scopes=["scrobble"])
    assert await permissions.needed_without(account, here)
    await core.logins.end(actor_id, tokens.session_id)
    assert not await permissions.needed_without(account, here)

    await core.api_tokens.create(actor_id, "Script", ["scrobble"])
    assert await permissions.needed_without(account, here)
    [token] = await core.api_tokens.tokens(actor_id)
    await core.api_tokens.revoke(actor_id, token.token_id)
    assert not await permissions.needed_without(account, here)

    key = await core.player_keys.create(actor_id, "Kitchen")
    assert await permissions.needed_without(account, here)
    await core.player_keys.update(actor_id, key.key_id, enabled=False)
    assert not await permissions.needed_without(account, here)


async def test_writes_that_wait_are_counted_and_a_login_is_asked_for_where_nothing_else_helps(server: Server) -> None:
    account, sessions = await somebody(server), Sessions()
    permissions = permissions_of(server, sessions, Sessions())
    assert await permissions.publishing(account) == Publishing(0, 0, needs_login=True)
    sessions.open.add(account.did)
    assert await permissions.publishing(account) == Publishing(0, 0, needs_login=False)
    sessions.open.clear()
    token = await server.core.api_tokens.create(account.actor_id, "Script", ["scrobble"])
    play = {"title": "a", "artist": "b"}
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", play, token=token)
    assert status == 200
    assert (await permissions.publishing(account)).waiting == 4  # the play, its song, its album and its artist


async def test_ending_the_permission_ends_every_kind_of_session_and_a_local_account_has_none(server: Server) -> None:
    account, kinds = await somebody(server), (Sessions(), Sessions())
    permissions = permissions_of(server, *kinds)
    for kind in kinds:
        kind.open |= {account.did, "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"}
    assert await permissions.granted(account)
    await permissions.end(account)
    assert not await permissions.granted(account)
    assert [kind.open for kind in kinds] == [{"did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"}] * 2
    assert host_of(account) == "pds.example"
    local = await server.core.accounts.named(server.did)
    kinds[0].open.add(local.did)
    assert not await permissions.granted(local)
    assert host_of(local) == ""
