"""Every error that a method with a handler declares is one that it answers: each of them is provoked over HTTP.

The other direction holds by the server under test: an error that the method does not declare is answered as
InternalServerError there, which no test expects.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.obstacles import Obstacles
from tests.support.server import Person, Server, running_server
from tonearm.api import errors as api_errors
from tonearm.index.queries import moves
from tonearm.lexicons.router import Router
from tonearm.pds.builtin.account.tokens import REFRESH, REFRESH_LIFE_S, Claims, TokenMint
from tonearm.pds.errors import PdsRefusedError, PdsSessionLostError
from tonearm.xrpc.errors import PROTOCOL_ERRORS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Provocation = Callable[["World"], Awaitable[tuple[int, Any]]]

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCROBBLE = "app.rocksky.scrobble"
NOBODY = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}
RAW_CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"

ELSEWHERE = {
    ("app.tonearm.session.createSession", "LoginRefused"): "by a PDS elsewhere: tests/unit/api/test_errors.py",
    ("app.tonearm.session.createSession", "LoginNotAllowed"): "by a PDS elsewhere: tests/unit/api/test_errors.py",
    ("app.tonearm.move.linkAccount", "LoginRefused"): "by a PDS elsewhere: tests/unit/api/test_errors.py",
    ("app.tonearm.move.linkAccount", "LoginNotAllowed"): "by a PDS elsewhere: tests/unit/api/test_errors.py",
    ("com.atproto.server.createSession", "AuthFactorTokenRequired"): "second factors are not offered",
    ("com.atproto.server.createAppPassword", "AccountTakedown"): "a session of such an account cannot be opened",
    ("com.atproto.server.listAppPasswords", "AccountTakedown"): "a session of such an account cannot be opened",
    ("com.atproto.sync.getRecord", "RecordNotFound"): "the proof that there is none is the answer",
    ("com.atproto.sync.subscribeRepos", "FutureCursor"): "a frame: tests/network/test_pds_stream.py",
    ("com.atproto.sync.subscribeRepos", "ConsumerTooSlow"): "a frame: tests/server/test_xrpc_subscriptions.py",
}
"""Declared errors that are not provoked here, and why."""


@dataclass
class World:
    """A server, somebody with a refused and a waiting entry, and somebody whom no entry's word can reach."""

    server: Server
    owner: Person
    loggedout: Person
    refused: str
    written: str
    waiting: str
    session: dict[str, str]
    commit: str

    async def tell(self, nsid: str, **body: Any) -> tuple[int, Any]:
        return await self.server.tell(nsid, body, token=self.owner.token)

    async def write(self, method: str, **body: Any) -> tuple[int, Any]:
        """A write to the owner's repository that rests on a commit which is not the newest."""
        whole = {"repo": self.owner.did, "swapCommit": RAW_CID, **body}
        return await self.server.tell(f"com.atproto.repo.{method}", whole, token=self.session["accessJwt"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_server(tmp_path_factory.mktemp("errors"), outbox=False) as server:
        obstacles = Obstacles.put_up(server.core)
        owner, loggedout = await server.create_account(), await server.create_account()
        obstacles.refuse(owner.did, PdsRefusedError("InvalidRecord", "no"), SCROBBLE)
        obstacles.refuse(loggedout.did, PdsSessionLostError("expired"))
        for who in (owner, loggedout):
            await server.scrobble(who, **PLAY)
        await server.core.outbox.drain()
        await server.scrobble(owner, **{**PLAY, "title": "Them Heavy People"})

        async def entries(who: Person) -> list[dict[str, Any]]:
            return (await server.ask("app.tonearm.journal.getQueue", token=who.token))[1]["entries"]

        of_owner = await entries(owner)
        assert of_owner[0]["state"] == "refused"
        assert of_owner[-1]["state"] == "waiting"
        login = {"identifier": owner.handle, "password": owner.password}
        session = (await server.tell("com.atproto.server.createSession", login))[1]
        commit = (await server.ask("com.atproto.sync.getLatestCommit", did=owner.did))[1]["cid"]
        yield World(
            server,
            owner,
            loggedout,
            of_owner[0]["id"],
            of_owner[-1]["id"],
            (await entries(loggedout))[0]["id"],
            session,
            commit,
        )


def ask(nsid: str, **params: Any) -> Provocation:
    return lambda world: world.server.ask(nsid, **params)


def tell(nsid: str, **body: Any) -> Provocation:
    return lambda world: world.tell(nsid, **body)


def edit(**changes: Any) -> Provocation:
    return lambda world: world.tell("app.tonearm.journal.editEntry", id=world.refused, **changes)


def of_status(status: str, nsid: str, **params: Any) -> Provocation:
    """Ask about an account that is taken down, suspended or deactivated."""

    async def provoke(world: World) -> tuple[int, Any]:
        who = await world.server.create_account()
        await world.server.core.pds.accounts.set_status(who.did, status)
        return await world.server.ask(nsid, did=who.did, **params)

    return provoke


async def login_after_takedown(world: World) -> tuple[int, Any]:
    who = await world.server.create_account()
    await world.server.core.pds.accounts.set_status(who.did, "takendown")
    login = {"identifier": who.handle, "password": who.password}
    return await world.server.tell("com.atproto.server.createSession", login)


async def refresh_after_takedown(world: World) -> tuple[int, Any]:
    who = await world.server.create_account()
    login = {"identifier": who.handle, "password": who.password}
    session = (await world.server.tell("com.atproto.server.createSession", login))[1]
    await world.server.core.pds.accounts.set_status(who.did, "takendown")
    return await world.server.tell("com.atproto.server.refreshSession", token=session["refreshJwt"])


def with_bad_refresh(nsid: str, token: str | None = None) -> Provocation:
    async def provoke(world: World) -> tuple[int, Any]:
        if token is not None:
            return await world.server.tell(nsid, token=token)
        pds = world.server.core.pds
        past = TokenMint(pds.sessions._jwt_key, pds.service_did, lambda: time.time() - REFRESH_LIFE_S - 60)
        old = past.make("refresh+jwt", Claims(world.owner.did, REFRESH, "s", "t"), REFRESH_LIFE_S)
        return await world.server.tell(nsid, token=old)

    return provoke


async def unknown_cid(world: World) -> tuple[int, Any]:
    return await world.server.ask("com.atproto.sync.getBlocks", did=world.owner.did, cids=[world.commit, RAW_CID])


async def service_token_for_ever(world: World) -> tuple[int, Any]:
    params = {"aud": "did:web:elsewhere.example", "exp": int(time.time()) + 10**7}
    return await world.server.ask("com.atproto.server.getServiceAuth", token=world.session["accessJwt"], **params)


ACCOUNT = "app.tonearm.account"
MOVE = "app.tonearm.move"
NO_KEY = "did:key:zQ3none"


def as_administrator(nsid: str, **body: Any) -> Provocation:
    return lambda world: world.server.tell(nsid, body, token=world.server.token)


def of_last_administrator(name: str, **body: Any) -> Provocation:
    async def provoke(world: World) -> tuple[int, Any]:
        whose = {"did": world.server.did} if name == "requestDelete" else {"account": world.server.did}
        return await world.server.tell(f"{ACCOUNT}.{name}", {**body, **whose}, token=world.server.token)

    return provoke


def as_listener_elsewhere(name: str, **body: Any) -> Provocation:
    """Call as an account whose repository is elsewhere, with whose PDS there is no session."""

    async def provoke(world: World) -> tuple[int, Any]:
        core = world.server.core
        account = await core.accounts.add_remote(NOBODY, "elsewhere.example.com", "https://pds.example.com")
        token = await core.api_tokens.create(account.actor_id, "test")
        return await world.server.tell(name if "." in name else f"{ACCOUNT}.{name}", body, token=token)

    return provoke


def of_move(name: str, state: str) -> Provocation:
    """Call as somebody whose move is in a state."""

    async def provoke(world: World) -> tuple[int, Any]:
        who = await world.server.create_account()
        move = moves.MoveRow(who.actor_id, who.name, who.did, who.handle, 0, 0, state, paused=1)
        await world.server.core.index.write(moves.put_move(move))
        return await world.server.tell(f"{MOVE}.{name}", token=who.token)

    return provoke


async def rename_key_to_nothing(world: World) -> tuple[int, Any]:
    key = (await world.tell("app.rocksky.apikey.createApikey", name="radio"))[1]
    return await world.tell("app.rocksky.apikey.updateApikey", id=key["id"], name="x" * 121)


PROVOKED: dict[tuple[str, str], Provocation] = {
    ("app.rocksky.actor.getActorScrobbles", "ActorNotFound"): ask("app.rocksky.actor.getActorScrobbles", did=NOBODY),
    ("app.rocksky.actor.getActorScrobbles", "InvalidCursor"): ask(
        "app.rocksky.actor.getActorScrobbles", did="alice.test", cursor="x"
    ),
    ("app.rocksky.actor.getProfile", "ActorNotFound"): ask("app.rocksky.actor.getProfile", did=NOBODY),
    ("app.rocksky.scrobble.getScrobbles", "ActorNotFound"): ask("app.rocksky.scrobble.getScrobbles", did=NOBODY),
    ("app.rocksky.scrobble.getScrobbles", "InvalidCursor"): ask("app.rocksky.scrobble.getScrobbles", cursor="x"),
    ("app.rocksky.scrobble.getScrobbles", "InvalidFilter"): ask("app.rocksky.scrobble.getScrobbles", filter="x==1"),
    ("app.rocksky.scrobble.createScrobble", "InvalidScrobble"): tell(
        "app.rocksky.scrobble.createScrobble", title=" ", artist="x"
    ),
    ("app.rocksky.scrobble.createScrobble", "TimestampOutOfRange"): tell(
        "app.rocksky.scrobble.createScrobble", title="x", artist="x", timestamp=1
    ),
    **{
        (nsid, "RecordNotFound"): ask(nsid, uri=f"at://{NOBODY}/{collection}/3jzfcijpj2z2a")
        for nsid, collection in (
            ("app.rocksky.scrobble.getScrobble", SCROBBLE),
            ("app.rocksky.song.getSong", "app.rocksky.song"),
            ("app.rocksky.album.getAlbum", "app.rocksky.album"),
            ("app.rocksky.artist.getArtist", "app.rocksky.artist"),
        )
    },
    **{
        (f"{ACCOUNT}.{name}", "AccountNotFound"): lambda world, name=name: world.server.ask(
            f"{ACCOUNT}.{name}", token=world.server.token, account="nobody"
        )
        for name in ("getAccount", "export")
    },
    **{
        (f"{ACCOUNT}.{name}", "AccountNotFound"): as_administrator(f"{ACCOUNT}.{name}", account="nobody", **more)
        for name, more in (("updateRole", {"role": "none"}), ("deactivate", {}), ("reactivate", {}))
    },
    (f"{ACCOUNT}.requestDelete", "AccountNotFound"): as_administrator(
        f"{ACCOUNT}.requestDelete", did=NOBODY.replace("a", "b"), records="keep"
    ),
    **{
        (f"{ACCOUNT}.{name}", "LastAdministrator"): of_last_administrator(name, **more)
        for name, more in (
            ("updateRole", {"role": "none"}),
            ("deactivate", {}),
            ("requestDelete", {"records": "delete"}),
        )
    },
    (f"{ACCOUNT}.updateRole", "InvalidRole"): of_last_administrator("updateRole", role="king"),
    (f"{ACCOUNT}.listAccounts", "InvalidCursor"): lambda world: world.server.ask(
        f"{ACCOUNT}.listAccounts", token=world.server.token, cursor="x"
    ),
    (f"{ACCOUNT}.requestDelete", "RecordsNotKept"): lambda world: world.tell(
        f"{ACCOUNT}.requestDelete", did=world.owner.did, records="keep"
    ),
    (f"{ACCOUNT}.requestDelete", "LoginNeeded"): as_listener_elsewhere("requestDelete", did=NOBODY, records="delete"),
    (f"{ACCOUNT}.getDeletion", "DeletionNotFound"): ask(f"{ACCOUNT}.getDeletion", id="none"),
    **{
        (f"{ACCOUNT}.{name}", "InvalidKey"): tell(f"{ACCOUNT}.{name}", key=NO_KEY)
        for name in ("addRecoveryKey", "removeRecoveryKey")
    },
    **{
        (f"{ACCOUNT}.{name}", "NotLocal"): as_listener_elsewhere(name, key=NO_KEY)
        for name in ("addRecoveryKey", "removeRecoveryKey")
    },
    **{
        (f"{MOVE}.{name}", "MoveNotFound"): of_move(name, "cancelled")
        for name in ("startMove", "pauseMove", "cancelMove")
    },
    (f"{MOVE}.getMove", "MoveNotFound"): lambda world: world.server.ask(f"{MOVE}.getMove", token=world.owner.token),
    (f"{MOVE}.deleteOldRepository", "MoveNotFound"): lambda world: world.server.tell(
        f"{MOVE}.deleteOldRepository", token=world.owner.token
    ),
    (f"{MOVE}.deleteOldRepository", "MoveRefused"): of_move("deleteOldRepository", "copying"),
    (f"{MOVE}.linkAccount", "MoveRefused"): as_listener_elsewhere(f"{MOVE}.linkAccount", identifier="x", password="x"),
    (f"{MOVE}.startMove", "MoveRefused"): of_move("startMove", "linking"),
    (f"{MOVE}.cancelMove", "MoveNotCancellable"): of_move("cancelMove", "copying"),
    ("app.tonearm.journal.getQueue", "InvalidCursor"): lambda world: world.server.ask(
        "app.tonearm.journal.getQueue", token=world.owner.token, cursor="x"
    ),
    **{
        (f"app.tonearm.journal.{name}", "EntryNotFound"): tell(f"app.tonearm.journal.{name}", id="fffffff")
        for name in ("retryEntry", "discardEntry", "editEntry")
    },
    ("app.tonearm.journal.retryEntry", "EntryNotRetryable"): lambda world: world.server.tell(
        "app.tonearm.journal.retryEntry", {"id": world.waiting}, token=world.loggedout.token
    ),
    ("app.tonearm.journal.discardEntry", "EntryNotDiscardable"): lambda world: world.tell(
        "app.tonearm.journal.discardEntry", id=world.written
    ),
    ("app.tonearm.journal.editEntry", "EntryNotEditable"): lambda world: world.tell(
        "app.tonearm.journal.editEntry", id=world.written
    ),
    ("app.tonearm.journal.editEntry", "InvalidScrobble"): edit(title=" "),
    ("app.tonearm.journal.editEntry", "TimestampOutOfRange"): edit(timestamp=1),
    ("app.tonearm.journal.editEntry", "DuplicateScrobble"): edit(title="Them Heavy People"),
    ("app.rocksky.apikey.createApikey", "InvalidName"): tell("app.rocksky.apikey.createApikey", name=" "),
    ("app.rocksky.apikey.updateApikey", "InvalidName"): rename_key_to_nothing,
    ("app.rocksky.apikey.updateApikey", "ApiKeyNotFound"): tell("app.rocksky.apikey.updateApikey", id="no", name="x"),
    ("app.rocksky.apikey.removeApikey", "ApiKeyNotFound"): lambda world: world.server.tell(
        "app.rocksky.apikey.removeApikey?id=no", token=world.owner.token
    ),
    ("app.tonearm.session.refreshSession", "RefreshRefused"): tell(
        "app.tonearm.session.refreshSession", refreshToken="tnrr_a.b.c"
    ),
    ("app.tonearm.session.revokeSession", "SessionNotFound"): tell("app.tonearm.session.revokeSession", id="no"),
    ("app.tonearm.token.revokeToken", "TokenNotFound"): tell("app.tonearm.token.revokeToken", id="no"),
    ("com.atproto.identity.resolveHandle", "HandleNotFound"): ask(
        "com.atproto.identity.resolveHandle", handle="nobody.test"
    ),
    ("com.atproto.repo.createRecord", "InvalidSwap"): lambda world: world.write(
        "createRecord", collection="com.example.a", record={"a": 1}
    ),
    ("com.atproto.repo.putRecord", "InvalidSwap"): lambda world: world.write(
        "putRecord", collection="com.example.a", rkey="self", record={"a": 1}
    ),
    ("com.atproto.repo.deleteRecord", "InvalidSwap"): lambda world: world.write(
        "deleteRecord", collection="com.example.a", rkey="self"
    ),
    ("com.atproto.repo.applyWrites", "InvalidSwap"): lambda world: world.write("applyWrites", writes=[]),
    ("com.atproto.repo.getRecord", "RecordNotFound"): ask(
        "com.atproto.repo.getRecord", repo="alice.test", collection="com.example.a", rkey="self"
    ),
    ("com.atproto.server.createSession", "AccountTakedown"): login_after_takedown,
    ("com.atproto.server.refreshSession", "AccountTakedown"): refresh_after_takedown,
    **{
        (f"com.atproto.server.{name}", "InvalidToken"): with_bad_refresh(f"com.atproto.server.{name}", "x.y.z")
        for name in ("refreshSession", "deleteSession")
    },
    **{
        (f"com.atproto.server.{name}", "ExpiredToken"): with_bad_refresh(f"com.atproto.server.{name}")
        for name in ("refreshSession", "deleteSession")
    },
    ("com.atproto.server.getServiceAuth", "BadExpiration"): service_token_for_ever,
    ("com.atproto.sync.getBlob", "BlobNotFound"): lambda world: world.server.ask(
        "com.atproto.sync.getBlob", did=world.owner.did, cid=RAW_CID
    ),
    ("com.atproto.sync.getBlocks", "BlockNotFound"): unknown_cid,
}
_SYNC: dict[str, dict[str, Any]] = {
    "getBlob": {"cid": RAW_CID},
    "getBlocks": {"cids": [RAW_CID]},
    "getLatestCommit": {},
    "getRecord": {"collection": "com.example.a", "rkey": "self"},
    "getRepo": {},
    "getRepoStatus": {},
    "listBlobs": {},
}
for _name, _params in _SYNC.items():
    _nsid = f"com.atproto.sync.{_name}"
    PROVOKED[_nsid, "RepoNotFound"] = ask(_nsid, did=NOBODY, **_params)
    if _name == "getRepoStatus":
        continue
    for _status in ("takendown", "suspended", "deactivated"):
        _error = "Repo" + {"takendown": "Takendown"}.get(_status, _status.capitalize())
        PROVOKED[_nsid, _error] = of_status(_status, _nsid, **_params)


def declared(nsid: str) -> tuple[str, ...]:
    return importlib.import_module(Router.METHODS[nsid][1]).METHOD.errors


async def test_every_declared_error_is_provoked_or_told_why_not(world: World) -> None:
    wanted = {(nsid, name) for nsid in world.server.router.bound() for name in declared(nsid)}
    assert wanted == set(PROVOKED) | set(ELSEWHERE)
    assert not set(PROVOKED) & set(ELSEWHERE)


@pytest.mark.parametrize(("nsid", "name"), PROVOKED, ids=lambda part: part.rpartition(".")[2])
async def test_a_declared_error_is_what_the_method_answers(world: World, nsid: str, name: str) -> None:
    status, answer = await PROVOKED[nsid, name](world)
    assert answer["error"] == name, answer
    assert 400 <= status < 500
    assert set(answer) == {"error", "message"}
    assert answer["message"]


async def test_every_domain_error_of_the_table_is_declared_somewhere(world: World) -> None:
    of_lexicons = {name for nsid in world.server.router.bound() for name in declared(nsid)}
    for kind, name in api_errors.NAMES.items():
        assert name in of_lexicons | PROTOCOL_ERRORS, kind
        assert kind.__doc__, "a domain error says when it is raised and what to do"
