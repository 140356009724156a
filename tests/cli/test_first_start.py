"""The first start, as a person sees it; stopping; and what a start refuses."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.cli import Serving, Tonearm
from tests.support.databases import postgres_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = re.compile(
    r"handle: (?P<handle>\S+)\n"
    r"password: (?P<password>\S{12,})\n"
    r"token: (?P<token>tnrm_\S{43})\n"
    r"(?P<curl>curl [^\n]+)\n"
)


@dataclass
class FirstStart:
    """A server that was started in an empty folder, and what it printed."""

    tonearm: Tonearm
    serving: Serving
    handle: str
    password: str
    token: str
    curl: str


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    tonearm = Tonearm(tmp_path_factory.mktemp("first"), {"log_level": "debug"})
    with tonearm.serving() as serving:
        said = LINES.fullmatch(serving.announced())
        assert said, serving.stdout
        yield FirstStart(tonearm, serving, **said.groupdict())


def test_four_lines_are_printed_and_nothing_else(first: FirstStart) -> None:
    assert first.handle == "admin.test"
    assert first.curl.startswith(f"curl -X POST {first.tonearm.url}/xrpc/app.rocksky.scrobble.createScrobble ")
    assert first.token in first.curl
    assert len(first.serving.stdout.splitlines()) == 4


def test_the_printed_command_scrobbles_when_it_is_pasted(first: FirstStart) -> None:
    done = subprocess.run(["bash", "-c", first.curl], capture_output=True, text=True, check=True, timeout=30)
    made = json.loads(done.stdout)
    assert (made["title"], made["artist"], made["user"]) == ("Hounds of Love", "Kate Bush", "admin.test")
    fields = "id user userDisplayName userAvatar title artist artistUri album albumUri cover date uri sha256 liked likesCount"
    assert set(fields.split()) <= set(made)
    status, page = first.serving.call("GET", "app.rocksky.actor.getActorScrobbles", did=first.handle)
    assert status == 200
    assert [play["uri"] for play in page["scrobbles"]] == [made["uri"]]


def test_the_password_opens_a_session(first: FirstStart) -> None:
    for identifier in (first.handle, "admin"):
        body = {"identifier": identifier, "password": first.password}
        status, session = first.serving.call("POST", "com.atproto.server.createSession", body)
        assert (status, session.get("handle")) == (200, "admin.test")


def test_the_token_allows_everything_and_the_account_is_administrator(first: FirstStart) -> None:
    with closing(sqlite3.connect(first.tonearm.data / "index.db")) as index:
        assert index.execute("SELECT name, role FROM account").fetchall() == [("admin", "administrator")]
        assert [set(scopes.split()) for (scopes,) in index.execute("SELECT scopes FROM api_token")] == [
            {"read", "scrobble", "manage"}
        ]
    assert first.serving.call("GET", "app.tonearm.journal.getQueue", token=first.token)[0] == 200


def test_no_secret_is_in_the_log_or_in_a_file(first: FirstStart) -> None:
    key = (first.tonearm.data / "master.key").read_text().strip()
    for secret in (first.password, first.token, key, first.token.removeprefix("tnrm_")):
        assert secret not in first.serving.stderr
        for path in first.tonearm.data.iterdir():
            if path.name != "master.key":
                content = path.read_bytes()
                assert secret.encode() not in content, path
                assert path.name == "serve.lock" or content, path
    assert bytes.fromhex(key) not in (first.tonearm.data / "pds.db").read_bytes()


def test_the_key_is_for_its_owner_alone(first: FirstStart) -> None:
    assert stat.S_IMODE((first.tonearm.data / "master.key").stat().st_mode) == 0o600


def test_a_second_server_on_the_same_folder_is_refused(first: FirstStart) -> None:
    other = Tonearm(first.tonearm.folder)
    told = other.refused("serve")
    assert str(first.tonearm.data) in told
    assert "TONEARM_DATA_DIR" in told
    assert first.serving.call("GET", "_health")[0] == 200


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tonearm = Tonearm(tmp_path, {"first_account": "off"}, port=taken.getsockname()[1])
        assert "address already in use" in tonearm.refused("serve")


def test_the_second_start_prints_nothing_and_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path)
    with tonearm.serving() as serving:
        said = LINES.fullmatch(serving.announced())
        assert said
        status, made = serving.call(
            "POST", "app.rocksky.scrobble.createScrobble", {"title": "So", "artist": "Much"}, token=said["token"]
        )
        assert status == 200
        assert serving.stop() == 0
        assert "Traceback" not in serving.stderr
    with tonearm.serving() as serving:
        status, page = serving.call("GET", "app.rocksky.scrobble.getScrobbles")
        assert [play["uri"] for play in page["scrobbles"]] == [made["uri"]]
        assert serving.call("GET", "app.tonearm.journal.getQueue", token=said["token"])[0] == 200
        assert serving.stop(signal.SIGINT) == 0
        assert serving.stdout == ""
        assert "Traceback" not in serving.stderr
    left = {path.name for path in tonearm.data.iterdir()}
    assert left == {"index.db", "pds.db", "master.key", "serve.lock"}, "the logs are moved into the databases"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one account, made without a first account of its own. Copy it."""
    tonearm = Tonearm(tmp_path_factory.mktemp("used"), {"first_account": "off"})
    with tonearm.serving() as serving:
        assert serving.stop() == 0
        assert serving.stdout == ""
    assert "alice.test did:plc:" in tonearm.told("account", "create", "alice")
    return tonearm.folder


@pytest.fixture
def copy(used: Path, tmp_path: Path) -> Tonearm:
    shutil.copytree(used, tmp_path / "copy")
    return Tonearm(tmp_path / "copy", {"first_account": "off"})


def test_no_account_is_made_when_that_is_turned_off(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path, {"first_account": "off"})
    with tonearm.serving() as serving:
        assert serving.stop() == 0
        assert serving.stdout == ""
    assert "tonearm account create NAME" in tonearm.run("doctor").stdout


def test_no_account_is_made_beside_others(copy: Tonearm) -> None:
    copy.settings["first_account"] = "on"
    with copy.serving() as serving:
        assert serving.stop() == 0
        assert serving.stdout == ""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "serve.lock"}


@pytest.mark.parametrize("arguments", [["serve"], ["account", "create", "bob"], ["doctor"]])
def test_without_the_master_key_nothing_starts_and_none_is_made(copy: Tonearm, arguments: list[str]) -> None:
    (copy.data / "master.key").unlink()
    before = contents(copy.data)
    told = copy.refused(*arguments)
    assert "master.key is missing" in told
    assert "Put the file back" in told
    assert contents(copy.data) == before


def test_with_another_master_key_nothing_starts(copy: Tonearm) -> None:
    (copy.data / "master.key").write_text(secrets.token_hex(32))
    before = contents(copy.data)
    assert "key" in copy.refused("serve")
    assert contents(copy.data) == before


def test_a_master_key_from_a_file_is_kept_there_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(secrets.token_hex(32) + "\n")
    tonearm = Tonearm(tmp_path, {"master_key_file": str(tmp_path / "secret"), "first_account": "off"})
    with tonearm.serving() as serving:
        assert serving.stop() == 0
    assert "alice.test" in tonearm.told("account", "create", "alice")
    assert not (tonearm.data / "master.key").exists()
    del tonearm.settings["master_key_file"]
    assert "master.key is missing" in tonearm.refused("doctor")


def test_a_command_makes_the_data_folder_when_the_master_key_is_elsewhere(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path, {"master_key": secrets.token_hex(32)})
    assert "alice.test" in tonearm.told("account", "create", "alice")
    assert sorted(path.name for path in tonearm.data.iterdir()) == ["index.db", "pds.db"]


@pytest.mark.needs_postgres
async def test_no_data_folder_is_made_when_nothing_is_kept_in_it(tmp_path: Path) -> None:
    async with postgres_schema() as url:
        tonearm = Tonearm(tmp_path, {"master_key": secrets.token_hex(32), "database_url": url})
        assert "alice.test" in await asyncio.to_thread(tonearm.told, "account", "create", "alice")
    assert not tonearm.data.exists()


@pytest.mark.parametrize("arguments", [["serve"], ["account", "create", "alice"]])
def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("")
    tonearm = Tonearm(tmp_path, {"data_dir": str(tmp_path / "file" / "data"), "master_key": secrets.token_hex(32)})
    assert "TONEARM_DATA_DIR names" in tonearm.refused(*arguments)


def test_commands_at_once_on_a_fresh_folder_are_all_done(tmp_path: Path) -> None:
    """One makes the master key and the tables, and the others wait for it."""
    tonearm = Tonearm(tmp_path)
    names = ["alice", "bob", "zoe"]
    with ThreadPoolExecutor(len(names)) as threads:
        told = list(threads.map(lambda name: tonearm.told("account", "create", name), names))
    assert [name in line for name, line in zip(names, told, strict=True)] == [True] * 3
    assert "ok   " in tonearm.told("doctor")


@pytest.mark.needs_postgres
async def test_servers_that_start_at_once_on_an_empty_database_make_one_account(tmp_path: Path) -> None:
    async with postgres_schema() as url:
        settings = {"master_key": secrets.token_hex(32), "database_url": url}
        servers = [Tonearm(tmp_path / name, settings) for name in ("one", "other")]
        for tonearm in servers:
            tonearm.folder.mkdir()
        told = await asyncio.to_thread(started_at_once, servers)
        assert sorted(len(said.splitlines()) for said in told) == [0, 4]
        connection = await asyncpg.connect(url)
        assert [tuple(row) for row in await connection.fetch("SELECT name FROM account")] == [("admin",)]
        await connection.close()


def started_at_once(servers: list[Tonearm]) -> list[str]:
    """Start servers, wait until all of them answer, and stop them; answers what each has printed."""
    started = [tonearm.start() for tonearm in servers]
    try:
        for serving in started:
            serving.ready()
        time.sleep(1)
        return [serving.stdout for serving in started if serving.stop() == 0]
    finally:
        for serving in started:
            if serving.process.poll() is None:
                serving.process.kill()
            serving.process.wait()


def test_a_database_of_a_newer_version_is_left_alone(copy: Tonearm) -> None:
    with closing(sqlite3.connect(copy.data / "index.db")) as index:
        index.execute("UPDATE alembic_version_index SET version_num = '9999'")
        index.commit()
    assert "update this one" in copy.refused("serve")


def test_an_account_that_was_left_unfinished_does_not_keep_the_first_start_from_succeeding(copy: Tonearm) -> None:
    """The process died between the repository and the account: the repository has the handle, nobody has the account."""
    copy.told("account", "create", "admin")
    with closing(sqlite3.connect(copy.data / "index.db")) as index:
        for table in ("account", "actor"):
            index.execute(f"DELETE FROM {table}")
        index.commit()
    copy.settings["first_account"] = "on"
    with copy.serving() as serving:
        said = LINES.fullmatch(serving.announced())
        assert said
        assert said["handle"] == "admin-2.test"
        assert serving.call("GET", "app.rocksky.actor.getProfile", token=said["token"])[0] == 200
