"""`tonearm account ...` as a user runs it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Tonearm
from tonearm.atproto.did_key import SigningKey

if TYPE_CHECKING:
    from pathlib import Path

PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}


@pytest.fixture
def tonearm(tmp_path: Path) -> Tonearm:
    made = Tonearm(tmp_path, {"first_account": "off"})
    made.told("account", "create", "alice")
    made.told("account", "grant", "alice", "administrator")
    made.told("account", "create", "bob")
    return made


def test_accounts_are_listed_with_what_they_are_in(tonearm: Tonearm):
    assert tonearm.told("account", "deactivate", "bob") == "bob is suspended now\n"
    alice, bob = tonearm.told("account", "list").splitlines()
    assert alice.split()[0::3] == ["alice", "administrator", "PDS"], alice
    assert "administrator  active  built-in PDS" in alice
    assert bob.startswith("bob  bob.test  did:plc:")
    assert "none  suspended  built-in PDS" in bob
    tonearm.told("account", "reactivate", "bob")
    assert "suspended" not in tonearm.told("account", "list")


def test_the_last_administrator_cannot_be_lost_by_a_command(tonearm: Tonearm):
    for command in (
        ("grant", "alice", "none"),
        ("deactivate", "alice"),
        ("delete", "alice", "--yes"),
    ):
        assert "the last administrator" in tonearm.refused("account", *command)


def test_a_running_server_takes_part_in_what_commands_do(tonearm: Tonearm):
    token = tonearm.told("token", "create", "bob", "--name", "test").strip()
    with tonearm.serving() as server:
        assert server.call("POST", "app.rocksky.scrobble.createScrobble", PLAY, token=token)[0] == 200
        server.drained(token)
        tonearm.told("account", "export", "bob", "--out", "bob.zip")
        opened = zipfile.ZipFile(tonearm.folder / "bob.zip")
        assert b"Wow" in opened.read("plays.jsonl")
        assert "exists" in tonearm.refused("account", "export", "bob", "--out", "bob.zip")
        told = tonearm.told("account", "delete", "bob", "--records", "delete", "--yes")
        assert told == "bob.test is deleted, with 1 plays\n"
        assert server.call("GET", "app.tonearm.journal.getQueue", token=token)[0] == 401
        assert server.call("GET", "app.rocksky.actor.getProfile", did="bob.test")[0] == 400
    assert "there is no account bob" in tonearm.refused("account", "export", "bob")


def test_a_deletion_is_asked_for_twice(tonearm: Tonearm):
    done = tonearm.run("account", "delete", "bob", stdin="n\n")
    assert done.returncode == 1
    assert "its repository, with all of its records, is deleted with it" in done.stderr
    assert "bob" in tonearm.told("account", "list")
    assert "records of a local account" in tonearm.refused("account", "delete", "bob", "--records", "keep", "--yes")


def test_a_recovery_key_is_added_listed_and_removed(tonearm: Tonearm):
    key = SigningKey.generate("p256").did_key()
    assert tonearm.told("account", "recovery-key", "bob") == ""
    assert tonearm.told("account", "recovery-key", "bob", key) == f"{key}\n"
    assert tonearm.told("account", "recovery-key", "bob") == f"{key}\n"
    assert tonearm.told("account", "recovery-key", "bob", key, "--remove") == ""
    assert "did:key" in tonearm.refused("account", "recovery-key", "bob", "did:key:none")
    assert "which key" in tonearm.refused("account", "recovery-key", "bob", "--remove")
