"""`tonearm account move` as an administrator runs it: alone, and beside the server that does the work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Tonearm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.cli import Serving

PASSWORD = "correct horse battery"
CREATE = "app.rocksky.scrobble.createScrobble"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Serving]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    pds = Tonearm(folder, {"first_account": "off", "handle_domain": "elsewhere.test"})
    pds.told("account", "create", "nomad", "--password-file", "-", stdin=PASSWORD)
    with pds.serving() as serving:
        yield serving


@pytest.fixture
def home(tmp_path: Path) -> Tonearm:
    folder = tmp_path / "home"
    folder.mkdir()
    made = Tonearm(folder, {"first_account": "off"})
    made.told("account", "create", "alice")
    return made


def scrobbled(home: Tonearm, plays: int) -> str:
    """Report plays and wait until they are in the repository here; answers the account's token."""
    token = home.told("token", "create", "alice", "--name", "test").strip()
    with home.serving() as server:
        for number in range(plays):
            body = {"title": f"Song {number}", "artist": "Kate Bush", "timestamp": 1_700_000_000 + number}
            assert server.call("POST", CREATE, body, token=token)[0] == 200
        server.drained(token)
    return token


def records(elsewhere: Serving) -> set[str]:
    at = {"repo": "nomad.elsewhere.test", "collection": "app.rocksky.scrobble", "limit": 100}
    status, page = elsewhere.call("GET", "com.atproto.repo.listRecords", **at)
    assert status == 200, page
    return {record["value"]["title"] for record in page["records"]}


def command(elsewhere: Serving) -> tuple[str, ...]:
    pds = f"http://127.0.0.1:{elsewhere.port}"
    return ("account", "move", "alice", "nomad.elsewhere.test", "--pds", pds, "--password-file", "-")


def test_the_command_alone_moves_an_account_and_deletes_the_old_repository_when_told(
    home: Tonearm, elsewhere: Serving
) -> None:
    scrobbled(home, 5)
    assert "link the account" in home.refused("account", "move", "alice")
    assert "tonearm: " in home.refused(*command(elsewhere), stdin="wrong password")
    told = home.told(*command(elsewhere), stdin=PASSWORD)
    assert told.startswith("alice.test is nomad.elsewhere.test now: ")
    assert records(elsewhere) == {f"Song {number}" for number in range(5)}
    assert "already" not in home.told("account", "list")
    assert "nomad.elsewhere.test" in home.told("account", "list")
    assert "only a local account" in home.refused(*command(elsewhere), stdin=PASSWORD)
    assert home.told("account", "move", "alice", "--delete-old") == "the old repository of alice is deleted\n"
    assert "5 scrobbles in the repository, 0 added to the index, 0 removed" in home.told("reindex")
    for path in home.data.iterdir():
        assert PASSWORD.encode() not in path.read_bytes(), path


def test_beside_a_server_plays_go_on_and_all_arrive(home: Tonearm, elsewhere: Serving) -> None:
    token = scrobbled(home, 3)
    with home.serving() as server:
        told = home.told(*command(elsewhere), stdin=PASSWORD)
        assert " is nomad.elsewhere.test now: " in told
        body = {"title": "After", "artist": "Kate Bush", "timestamp": 1_700_001_000}
        status, made = server.call("POST", CREATE, body, token=token)
        assert status == 200, json.dumps(made)
        server.drained(token)
        status, answer = server.call("GET", "app.tonearm.move.getMove", token=token)
        assert (status, answer["move"]["state"], answer["move"]["refused"]) == (200, "done", 0)
    assert records(elsewhere) == {"Song 0", "Song 1", "Song 2", "After"}
