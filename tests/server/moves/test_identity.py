"""Who the account is after a move: its credentials, its addresses, what both sides had before, what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.moving import SCROBBLE, START, heard, history, link, moved, same_after_reindex, session
from tests.support.obstacles import Obstacles
from tests.support.server import PASSWORD
from tests.support.world import SONGS
from tonearm.index.engine import Work, select
from tonearm.index.queries import actors, moves
from tonearm.pds.errors import PdsRefusedError
from tonearm.services.identity_hash import play_tid
from tonearm.services.moves import MoveNotCancellableError, MoveRefusedError
from tonearm.services.preparing import Listener
from tonearm.services.reindex import MOVING, Reindex
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from tests.support.moving import Elsewhere
    from tests.support.server import Server


async def account(server: Server, name: str = "alice") -> Any:
    return await server.core.accounts.named(name)


async def test_the_account_keeps_name_role_and_credentials_and_gets_the_outside_identity(
    server: Server, elsewhere: Elsewhere
) -> None:
    who = server.first
    app = await server.core.logins.open_app(who.actor_id, label="app", scopes=("read", "scrobble"))
    cookie = await server.core.logins.open_browser(who.actor_id, agent="", address="127.0.0.1")
    key = await server.core.player_keys.create(who.actor_id, "radio", "")
    pds_session = await session(server, who)
    await link(server, who, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(server, who)
    now = await account(server)
    assert (now.actor_id, now.name, now.role) == (who.actor_id, "alice", "administrator")
    assert (now.did, now.handle, now.pds_url) == (elsewhere.did, elsewhere.person.handle, elsewhere.server.url)
    for number, token in enumerate((who.token, app.access_jwt, pds_session)):
        status, made = await server.tell(
            "app.rocksky.scrobble.createScrobble", {**SONGS[number], "timestamp": START + number}, token=token
        )
        assert status == 200, made
    browser = await server.core.logins.browser(cookie)
    assert browser is not None
    assert browser.account.did == elsewhere.did
    found = await server.core.player_keys.by_api_key(key.api_key)
    assert found is not None
    assert found[1].did == elsewhere.did
    await server.drained()
    assert len(await elsewhere.records()) == 3
    assert await server.core.accounts.check_password("alice", PASSWORD, "127.0.0.1") == elsewhere.did


async def test_old_addresses_lead_to_what_they_were_of(server: Server, elsewhere: Elsewhere) -> None:
    who = server.first
    made = await server.scrobble(**SONGS[0], timestamp=START)
    await link(server, who, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(server, who)
    status, found = await server.ask("app.rocksky.scrobble.getScrobble", uri=made["uri"])
    assert (status, found["uri"]) == (200, made["uri"].replace(who.did, elsewhere.did))
    for name in (who.did, who.handle, elsewhere.did, elsewhere.person.handle):
        status, page = await server.ask("app.rocksky.scrobble.getScrobbles", did=name)
        assert [play["uri"] for play in page["scrobbles"]] == [found["uri"]], name
    status, closed = await server.ask("com.atproto.sync.getLatestCommit", did=who.did)
    assert (status, closed["error"]) == (400, "RepoDeactivated")
    frames = [frame async for frame in _frames(server)]
    assert sum(b"deactivated" in frame for frame in frames) == 1


async def _frames(server: Server) -> Any:
    _, newest = await server.core.pds.events.bounds()
    async for seq, frame in server.core.pds.events.frames(0):
        yield frame
        if seq >= newest:
            return


async def test_what_the_outside_identity_had_here_becomes_the_accounts(server: Server, elsewhere: Elsewhere) -> None:
    other = await server.core.password_logins.log_in(
        elsewhere.did, PASSWORD, address=None, pds_url=elsewhere.server.url
    )
    token = await server.core.api_tokens.create(other.actor_id, "theirs")

    async def theirs(number: int, second: int) -> None:
        play = {**SONGS[number], "timestamp": second}
        status, made = await server.tell("app.rocksky.scrobble.createScrobble", play, token=token)
        assert status == 200, made

    await theirs(0, START)
    await theirs(1, START + 300)
    await server.scrobble(**SONGS[1], timestamp=START + 300)
    await server.scrobble(**SONGS[2], timestamp=START + 600)
    await server.drained()
    await server.core.moves.link(server.first.actor_id, await account(server, elsewhere.did))
    await moved(server, server.first)
    assert (await account(server, elsewhere.did)).actor_id == server.first.actor_id
    await theirs(3, START + 900)
    await server.drained()
    records = await elsewhere.records()
    assert len(records) == 4
    assert set(heard(records).values()) == {1}
    assert (await history(server, elsewhere.did)).keys() == records.keys()
    await same_after_reindex(server)

    def left() -> Work[list[Any]]:
        return (yield select("SELECT count(*) FROM journal WHERE actor_id = $1", other.actor_id))

    assert await server.core.index.read(left()) == [(0,)]


async def test_a_play_that_was_on_its_way_when_the_identity_changed_arrives_once(
    server: Server, elsewhere: Elsewhere
) -> None:
    await refused_play(server)
    listener = server.first.listener
    other = await server.core.password_logins.log_in(
        elsewhere.did, PASSWORD, address=None, pds_url=elsewhere.server.url
    )
    await server.core.moves.link(server.first.actor_id, other)
    await moved(server, server.first)
    stale = [listener, Listener(other.actor_id, elsewhere.did)]
    for number, before in enumerate(stale, 1):
        play = Submission.of(now_s=START + 10_000, **_values(number), played_at_s=START + 300 * number)
        (receipt,) = await server.core.scrobbles.submit(before, [play], "test")
        identity = play_tid(elsewhere.did, receipt.facts.identity, START + 300 * number)
        assert (receipt.outcome, receipt.tid) == ("stored", identity)
    _, queue = await server.ask("app.tonearm.journal.getQueue", token=server.token)
    for entry in queue["entries"]:
        await server.tell("app.tonearm.journal.retryEntry", {"id": entry["id"]}, token=server.token)
    await server.drained()
    for _ in range(100):
        records = await elsewhere.records()
        if len(records) == 3:
            break
    assert heard(records).total() == len(heard(records)) == 3


def _values(number: int) -> dict[str, Any]:
    song = SONGS[number]
    return {"title": song["title"], "artist": song["artist"], "album": song["album"]}


async def refused_play(server: Server) -> None:
    """A play that the repository here refuses, so that it stands in the queue."""
    routes = server.core.outbox.routes
    Obstacles.put_up(server.core).refuse(server.did, PdsRefusedError("InvalidRecord", "no"), SCROBBLE)
    await server.scrobble(**SONGS[0], timestamp=START)
    await server.drained()
    server.core.outbox.routes = routes


async def test_what_was_deleted_before_the_move_stays_deleted(server: Server, elsewhere: Elsewhere) -> None:
    await refused_play(server)
    _, queue = await server.ask("app.tonearm.journal.getQueue", token=server.token, state="refused")
    (entry,) = queue["entries"]
    status, _ = await server.tell("app.tonearm.journal.discardEntry", {"id": entry["id"]}, token=server.token)
    assert status == 200
    await link(server, server.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(server, server.first)
    (receipt,) = await server.core.scrobbles.submit(
        Listener(server.first.actor_id, elsewhere.did),
        [Submission.of(now_s=START + 10_000, **_values(0), played_at_s=START)],
        "test",
    )
    assert receipt.outcome == "deleted"
    await server.drained()
    assert await elsewhere.records() == {}
    assert await history(server, elsewhere.did) == {}


async def test_identities_that_cannot_be_moved_to_are_refused_and_say_why(home: Server, elsewhere: Elsewhere) -> None:
    core, who = home.core, home.first
    local = await home.create_account("bob")
    with pytest.raises(MoveRefusedError, match="account of this server"):
        await core.moves.link(who.actor_id, await account(home, "bob"))
    other = await core.password_logins.log_in(elsewhere.did, PASSWORD, address=None, pds_url=elsewhere.server.url)
    with pytest.raises(MoveRefusedError, match="only a local account"):
        await core.moves.link(other.actor_id, await account(home, "bob"))
    await core.accounts.grant(other.did, "operator")
    with pytest.raises(MoveRefusedError, match="has the role operator"):
        await core.moves.link(who.actor_id, other)
    await core.accounts.grant(other.did, "none")
    with pytest.raises(MoveRefusedError, match="not begun here"):
        await core.moves.link(who.actor_id, other, move_id="somebody else's")
    await core.moves.link(local.actor_id, other)
    with pytest.raises(MoveRefusedError, match="part of another account's move"):
        await core.moves.link(who.actor_id, other)
    await core.moves.cancel(local.actor_id)
    await core.moves.link(who.actor_id, other)
    await moved(home, who)
    with pytest.raises(MoveRefusedError, match="only a local account"):
        await core.moves.begin_link(who.actor_id)
    assert (await account(home, "bob")).did == local.did


async def test_a_move_that_rests_takes_plays_and_says_that_it_cannot_be_taken_back(
    home: Server, elsewhere: Elsewhere
) -> None:
    core, who = home.core, home.first
    await home.scrobble(**SONGS[0], timestamp=START)
    await home.drained()
    await link(home, who, elsewhere.did, PASSWORD, elsewhere.server.url)
    row = await core.index.read(moves.move_of(who.actor_id))
    assert row is not None
    await core.index.write(moves.change_move(row._replace(state="switching", paused=1)))
    with pytest.raises(MoveNotCancellableError):
        await core.moves.cancel(who.actor_id)
    await home.scrobble(**SONGS[1], timestamp=START + 300)
    outcomes = await Reindex(core.index, core.indexing, core.pds, core.remote).run(
        [await account(home)], progress=lambda _what, _done: None
    )
    assert (outcomes[0].failure, outcomes[0].removed) == (MOVING, 0)
    await moved(home, who)
    await home.drained()
    assert len(await elsewhere.records()) == 2
    assert await core.index.read(actors.did_of(who.actor_id)) == elsewhere.did


async def test_a_moved_account_that_is_deleted_takes_its_old_repository_along(
    home: Server, elsewhere: Elsewhere
) -> None:
    await home.create_account("bob", role="administrator")
    await home.scrobble(**SONGS[0], timestamp=START)
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(home, home.first)
    await home.core.lifecycle.delete(home.first.actor_id, "keep")
    await home.core.lifecycle.deletions.finish(home.first.actor_id, lambda _deletion: None)
    assert len(await elsewhere.records()) == 1
    old = await home.core.pds.accounts.find(home.did)
    assert old is not None
    assert old.status == "deleted"
    status, gone = await home.ask("app.rocksky.scrobble.getScrobbles", did=home.did)
    assert (status, gone["error"]) == (400, "ActorNotFound")
