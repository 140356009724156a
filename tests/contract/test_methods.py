"""Every callable method of the lexicons is routed; the list of those without a handler only shrinks; every error that a
handler can raise is declared. Who may call what is in `test_route_table.py`."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from tests.support.server import Server, running_server
from tonearm.api import errors as api_errors
from tonearm.lexicons.router import Router

HERE = Path(__file__).parent
NOT_YET = HERE / "not_yet.txt"
LEXICONS = HERE.parents[1] / "lexicons"

RAISED = {
    "ActorNotFound": [
        "app.rocksky.actor.getProfile",
        "app.rocksky.actor.getActorScrobbles",
        "app.rocksky.scrobble.getScrobbles",
    ],
    "RecordNotFound": [
        "app.rocksky.scrobble.getScrobble",
        "app.rocksky.song.getSong",
        "app.rocksky.album.getAlbum",
        "app.rocksky.artist.getArtist",
    ],
    "InvalidCursor": [
        "app.rocksky.actor.getActorScrobbles",
        "app.rocksky.scrobble.getScrobbles",
        "app.tonearm.journal.getQueue",
        "app.tonearm.account.listAccounts",
    ],
    "AccountNotFound": [
        f"app.tonearm.account.{name}"
        for name in ("getAccount", "updateRole", "deactivate", "reactivate", "requestDelete", "export")
    ],
    "LastAdministrator": [f"app.tonearm.account.{name}" for name in ("updateRole", "deactivate", "requestDelete")],
    "InvalidRole": ["app.tonearm.account.updateRole"],
    "InvalidFilter": ["app.rocksky.scrobble.getScrobbles"],
    "InvalidScrobble": ["app.rocksky.scrobble.createScrobble", "app.tonearm.journal.editEntry"],
    "TimestampOutOfRange": ["app.rocksky.scrobble.createScrobble", "app.tonearm.journal.editEntry"],
    "EntryNotFound": [
        "app.tonearm.journal.retryEntry",
        "app.tonearm.journal.discardEntry",
        "app.tonearm.journal.editEntry",
    ],
    "EntryNotRetryable": ["app.tonearm.journal.retryEntry"],
    "EntryNotDiscardable": ["app.tonearm.journal.discardEntry"],
    "EntryNotEditable": ["app.tonearm.journal.editEntry"],
    "DuplicateScrobble": ["app.tonearm.journal.editEntry"],
    "ApiKeyNotFound": ["app.rocksky.apikey.updateApikey", "app.rocksky.apikey.removeApikey"],
    "InvalidName": ["app.rocksky.apikey.createApikey", "app.rocksky.apikey.updateApikey"],
    "RefreshRefused": ["app.tonearm.session.refreshSession"],
    "LoginNotAllowed": ["app.tonearm.session.createSession", "app.tonearm.move.linkAccount"],
    "MoveNotFound": [f"app.tonearm.move.{name}" for name in ("startMove", "getMove", "deleteOldRepository")],
    "MoveRefused": ["app.tonearm.move.linkAccount", "app.tonearm.move.startMove"],
    "MoveNotCancellable": ["app.tonearm.move.cancelMove"],
}


def callable_nsids() -> set[str]:
    """Read from the documents themselves, not from what was generated of them."""
    found = set()
    for path in LEXICONS.rglob("*.json"):
        document = json.loads(path.read_text())
        if document["defs"].get("main", {}).get("type") in {"query", "procedure", "subscription"}:
            found.add(document["id"])
    return found


@pytest.fixture
async def server(tmp_path: Path) -> Server:
    async with running_server(tmp_path, outbox=False) as running:
        yield running


def bound_methods(server: Server) -> set[str]:
    return set(server.router.bound())


async def test_every_callable_method_has_a_slot():
    assert set(Router.METHODS) == callable_nsids()


async def test_the_list_of_methods_without_a_handler_only_shrinks(server: Server):
    listed = NOT_YET.read_text().split()
    assert listed == sorted(set(listed)), "sorted, each once"
    bound = bound_methods(server)
    assert not set(listed) & bound, "these have a handler now: take them off the list"
    assert callable_nsids() - bound == set(listed), "a method without a handler may not join the list"


async def test_a_method_without_a_handler_answers_501(server: Server):
    nsid = NOT_YET.read_text().split()[0]
    status, answer = await server.ask(nsid)
    assert (status, answer["error"]) == (501, "MethodNotImplemented")


async def test_a_refresh_token_opens_nothing_but_a_session(server: Server):
    _, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": server.handle, "password": server.password}
    )
    status, answer = await server.tell(
        "app.rocksky.scrobble.createScrobble", {"title": "a", "artist": "b"}, token=session["refreshJwt"]
    )
    assert status in {401, 403}, answer


def test_every_error_that_a_handler_raises_is_declared():
    assert set(RAISED) == set(api_errors.NAMES.values())
    for name, methods in RAISED.items():
        for nsid in methods:
            _, module = Router.METHODS[nsid]
            assert name in importlib.import_module(module).METHOD.errors, (name, nsid)
