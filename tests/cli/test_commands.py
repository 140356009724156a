"""The commands: beside a running server, and what they say when something is wrong."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import Serving, Tonearm
from tests.support.server import free_port
from tonearm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEN_WITHIN_S = 2.0
CREATE = "app.rocksky.scrobble.createScrobble"
QUEUE = "app.tonearm.journal.getQueue"
PLAY = {"title": "Running Up That Hill", "artist": "Kate Bush", "timestamp": 1_700_000_000}
PASSWORD = "correct horse battery"


@dataclass
class Running:
    """A server that runs while commands change what it serves."""

    tonearm: Tonearm
    serving: Serving

    def account(self, name: str, *options: str) -> str:
        """Make an account; answers its token."""
        self.tonearm.told("account", "create", name)
        return self.token(name, *options)

    def token(self, name: str, *options: str) -> str:
        return self.tonearm.told("token", "create", name, "--name", "test", *options).removesuffix("\n")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.tonearm.data / "index.db")) as index:
            return index.execute(sql, values).fetchall()

    def seen(self, wanted: int, verb: str, method: str, body: Any = None, **more: Any) -> Any:
        """Call until the status is the wanted one, for as long as the server may take to see a change."""
        deadline = time.monotonic() + SEEN_WITHIN_S
        while True:
            status, answer = self.serving.call(verb, method, body, **more)
            if status == wanted:
                return answer
            assert time.monotonic() < deadline, (status, answer)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    tonearm = Tonearm(tmp_path_factory.mktemp("commands"), {"first_account": "off"})
    with tonearm.serving() as serving:
        tonearm.told("account", "create", "alice")
        yield Running(tonearm, serving)
        assert "Traceback" not in serving.stderr


def test_a_token_is_alone_on_standard_output_and_works_beside_the_running_server(running: Running) -> None:
    told = running.tonearm.told("account", "create", "Kate")
    assert re.fullmatch(r"kate: kate\.test did:plc:[a-z2-7]{24}\n", told)
    token = running.token("kate")
    assert re.fullmatch(r"tnrm_[A-Za-z0-9_-]{43}", token)
    made = running.seen(200, "POST", CREATE, PLAY, token=token)
    assert made["user"] == "kate.test"
    did = told.split()[-1]
    assert made["uri"].startswith(f"at://{did}/app.rocksky.scrobble/")


def test_a_token_that_was_tried_too_early_is_good_within_two_seconds(running: Running) -> None:
    """The server has learnt that there is no such token; that must not last."""
    running.tonearm.told("account", "create", "early")
    token = running.token("early")
    with closing(sqlite3.connect(running.tonearm.data / "index.db")) as index:
        index.execute("UPDATE api_token SET revoked_at = 1 WHERE actor_id = (SELECT max(actor_id) FROM api_token)")
        index.commit()
        assert running.serving.call("GET", QUEUE, token=token)[0] == 401
        index.execute("UPDATE api_token SET revoked_at = NULL")
        index.commit()
    running.seen(200, "GET", QUEUE, token=token)


def test_a_token_allows_everything_unless_it_is_limited(running: Running) -> None:
    full = running.account("scopes")
    weak = running.token("scopes", "--scopes", "read")
    assert running.seen(200, "GET", QUEUE, token=weak) == {"entries": []}
    body = {"id": "1"}
    status, answer = running.serving.call("POST", "app.tonearm.journal.discardEntry", body, token=weak)
    assert (status, answer["error"]) == (403, "Forbidden")
    status, answer = running.serving.call("POST", "app.tonearm.journal.discardEntry", body, token=full)
    assert (status, answer["error"]) == (400, "EntryNotFound")


def test_a_token_may_expire(running: Running) -> None:
    running.tonearm.told("account", "create", "mayfly")
    token = running.token("mayfly", "--days", str(6 / 86_400))
    running.seen(200, "GET", QUEUE, token=token)
    deadline = time.monotonic() + 10
    while running.serving.call("GET", QUEUE, token=token)[0] == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    status, answer = running.serving.call("GET", QUEUE, token=token)
    assert (status, answer["error"]) == (401, "InvalidToken")


@pytest.mark.parametrize("days", ["-1", "nan"])
def test_a_token_without_a_life_is_refused(running: Running, days: str) -> None:
    tokens = running.rows("SELECT count(*) FROM api_token")
    assert "lives" in running.tonearm.refused("token", "create", "alice", "--name", "x", f"--days={days}")
    assert running.rows("SELECT count(*) FROM api_token") == tokens


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["token", "create", "nobody", "--name", "x"], "no account nobody"),
        (["token", "create", "alice", "--name", " "], "needs a name"),
        (["token", "create", "alice", "--name", "x", "--scopes", "read,write"], "not write"),
        (["token", "create", "alice", "--name", "x", "--scopes", ","], "not none"),
        (["account", "grant", "nobody", "operator"], "no account nobody"),
        (["account", "grant", "alice", "emperor"], "not emperor"),
        (["account", "create", "Alice"], "taken"),
        (["account", "create", "alice.test"], "taken"),
        (["account", "create", "did:plc:abc"], "colons"),
        (["account", "create", "a\x1b[31m"], "printed"),
        (["account", "create", "a\udcff"], "printed"),
        (["reindex", "nobody"], "no account nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(running: Running, arguments: list[str], told: str) -> None:
    before = running.rows("SELECT count(*) FROM account"), running.rows("SELECT count(*) FROM api_token")
    assert told in running.tonearm.refused(*arguments)
    assert (running.rows("SELECT count(*) FROM account"), running.rows("SELECT count(*) FROM api_token")) == before


def login(running: Running, identifier: str, password: str) -> tuple[int, Any]:
    body = {"identifier": identifier, "password": password}
    return running.serving.call("POST", "com.atproto.server.createSession", body)


def test_a_password_comes_from_a_file_or_from_standard_input(running: Running, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    running.tonearm.told("account", "create", "filer", "--password-file", str(tmp_path / "password"))
    running.tonearm.told("account", "create", "piper", "--password-file", "-", stdin=PASSWORD + "\r\n")
    for name in ("filer", "piper"):
        assert login(running, name, PASSWORD)[0] == 200
        assert login(running, name, PASSWORD + "\n")[0] == 401


def test_a_name_is_told_apart_from_its_handle(running: Running) -> None:
    told = running.tonearm.told("account", "create", "Zoë_Müller", "--password-file", "-", stdin=PASSWORD)
    assert told.startswith("zoë_müller: zoe-muller.test did:plc:")
    for identifier in ("Zoë_Müller", "ZOË_MÜLLER", "zoe-muller.test", "Zoe-Muller.test"):
        assert login(running, identifier, PASSWORD)[0] == 200, identifier


def test_names_that_lead_to_the_same_handle_are_numbered(running: Running) -> None:
    handles = [running.tonearm.told("account", "create", name).split()[1] for name in ("d.j", "d_j", "d-j")]
    assert handles == ["d-j.test", "d-j-2.test", "d-j-3.test"]


def test_a_name_like_a_handle_keeps_nobody_from_theirs(running: Running) -> None:
    """Whoever is called "eve.test" has another handle, and Eve herself gets one by which she alone is found."""
    running.tonearm.told("account", "create", "eve.test")
    told = running.tonearm.told("account", "create", "eve", "--password-file", "-", stdin=PASSWORD)
    handle = told.split()[1]
    assert handle == "eve-2.test"
    status, session = login(running, handle, PASSWORD)
    assert (status, session["did"]) == (200, told.split()[2])


def test_an_account_elsewhere_logs_in_and_scrobbles_into_its_own_repository(running: Running, tmp_path: Path) -> None:
    """The running server is the PDS here, and another Tonearm the client that writes to it."""
    did = running.tonearm.told("account", "create", "nomad", "--password-file", "-", stdin=PASSWORD).split()[2]
    session = login(running, "nomad", PASSWORD)[1]
    app_password = running.serving.call(
        "POST", "com.atproto.server.createAppPassword", {"name": "tonearm"}, token=session["accessJwt"]
    )[1]["password"]
    away = Tonearm(tmp_path, {"first_account": "off"})
    command = ["account", "login", "nomad.test", "--pds", running.tonearm.url, "--password-file", "-"]
    assert "tonearm: " in away.refused(*command, stdin="wrong password")
    assert away.told(*command, stdin=app_password) == f"nomad.test {did}\n"
    for path in away.data.iterdir():
        assert app_password.encode() not in path.read_bytes(), path
    token = away.told("token", "create", "nomad.test", "--name", "test").strip()
    with away.serving() as serving:
        status, made = serving.call("POST", CREATE, PLAY, token=token)
        assert (status, made["user"]) == (200, "nomad.test")
        assert made["uri"].startswith(f"at://{did}/")
        serving.drained(token)
    at = {"repo": did, "collection": "app.rocksky.scrobble", "rkey": made["uri"].rsplit("/", 1)[1]}
    status, record = running.serving.call("GET", "com.atproto.repo.getRecord", **at)
    assert (status, record["value"]["title"]) == (200, PLAY["title"])
    told = away.told("reindex")
    assert "1 scrobbles in the repository, 0 added to the index, 0 removed" in told
    assert "ok   logins" not in away.told("doctor")


def test_an_account_without_a_password_cannot_log_in(running: Running) -> None:
    running.tonearm.told("account", "create", "tokenist")
    for password in ("", "no such account", "tokenist"):
        assert login(running, "tokenist", password)[0] in {400, 401}


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_a_password_that_could_not_be_used_is_refused(running: Running, password: str) -> None:
    told = running.tonearm.refused("account", "create", "shorty", "--password-file", "-", stdin=password)
    assert "8 to 1024 characters" in told


def test_a_password_file_that_cannot_be_read_is_named(running: Running, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe secret")
    for name in ("nowhere", "bytes"):
        path = str(tmp_path / name)
        assert path in running.tonearm.refused("account", "create", "x", "--password-file", path)


def test_a_role_is_granted_and_taken_away(running: Running) -> None:
    for name in ("climber", "keeper"):
        running.tonearm.told("account", "create", name)
    running.tonearm.told("account", "grant", "keeper", "administrator")  # the last one keeps the role
    for role in ("operator", "administrator", "none"):
        assert running.tonearm.told("account", "grant", "climber", role).startswith("climber ")
        assert running.rows("SELECT role FROM account WHERE name = 'climber'") == [(role,)]


def test_reindexing_beside_a_running_server_changes_no_answer(running: Running) -> None:
    token = running.account("replayer")
    for minute in range(3):
        running.seen(200, "POST", CREATE, {**PLAY, "timestamp": PLAY["timestamp"] + 60 * minute}, token=token)
    running.serving.drained(token)
    before = running.serving.call("GET", "app.rocksky.actor.getActorScrobbles", did="replayer.test")
    assert len(before[1]["scrobbles"]) == 3
    told = running.tonearm.told("reindex", "replayer")
    assert told == ("replayer.test: 3 scrobbles in the repository, 0 added to the index, 0 removed, 0 not readable\n")
    assert running.serving.call("GET", "app.rocksky.actor.getActorScrobbles", did="replayer.test") == before


def test_the_doctor_finds_a_running_server_healthy(running: Running) -> None:
    done = running.tonearm.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert {re.split(r" +|:", line)[0] for line in lines} == {"ok"}
    for part in ("configuration", "database", "index database", "PDS database", "built-in PDS", "queue"):
        assert any(line.startswith(f"ok   {part}: ") for line in lines), part


@pytest.fixture
def alone(tmp_path: Path) -> Tonearm:
    """A data folder with an account, and no server."""
    tonearm = Tonearm(tmp_path, {"first_account": "off"})
    tonearm.told("account", "create", "alice")
    return tonearm


def bad(tonearm: Tonearm) -> list[str]:
    """What the doctor complains of."""
    done = tonearm.run("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    return [line.removeprefix("BAD  ") for line in done.stdout.splitlines() if line.startswith("BAD ")]


def test_the_doctor_misses_repositories(alone: Tonearm) -> None:
    (alone.data / "pds.db").unlink()
    (told,) = bad(alone)
    assert told == "built-in PDS: no repository for alice.test: restore the PDS database from a backup"


def test_the_doctor_sees_what_the_repositories_refuse(alone: Tonearm) -> None:
    with closing(sqlite3.connect(alone.data / "index.db")) as index:
        index.execute("INSERT INTO repo_write VALUES (1, 1, 'create', 'app.rocksky.song', 'a', 'b', x'00', NULL)")
        index.execute("INSERT INTO outbox (actor_id, write_id, refused) VALUES (1, 1, 1)")
        index.execute("INSERT INTO outbox_actor (actor_id, waiting_for_login) VALUES (1, 1)")
        index.commit()
    (told,) = bad(alone)
    assert told.startswith("queue: 0 writes on their way, 1 refused, 1 accounts wait for a login. ")
    assert "edit or discard them" in told


def test_the_doctor_misses_the_session_of_a_remote_account(alone: Tonearm) -> None:
    with closing(sqlite3.connect(alone.data / "index.db")) as index:
        index.execute("UPDATE account SET pds_url = 'https://pds.example'")
        index.commit()
    (told,) = bad(alone)
    assert told == "logins: alice.test must log in again, in a browser or by tonearm account login HANDLE"


def test_a_repository_that_cannot_be_read_is_told_and_the_others_are_reindexed(alone: Tonearm) -> None:
    alone.told("account", "create", "bob")
    with closing(sqlite3.connect(alone.data / "index.db")) as index:
        index.execute("UPDATE account SET pds_url = 'https://pds.example' WHERE name = 'alice'")
        index.commit()
    done = alone.run("reindex")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("alice.test: the repository could not be read: ")
    assert first.endswith("; 0 added that wait for it")
    assert second == "bob.test: 0 scrobbles in the repository, 0 added to the index, 0 removed, 0 not readable"
    assert done.stderr == (
        "tonearm: 1 of the accounts could not be reindexed; run the command again when their PDS answers\n"
    )


def test_the_doctor_finds_damage(alone: Tonearm) -> None:
    path = alone.data / "index.db"
    content = bytearray(path.read_bytes())
    start = content.find(b"CREATE TABLE song ")
    assert start > 0
    page = 4096 * 20
    content[page : page + 4096] = b"\x5a" * 4096
    path.write_bytes(content)
    done = alone.run("doctor")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "restore a backup" in done.stdout or "malformed" in done.stderr


def test_every_setting_is_printed_and_no_secret_is(tmp_path: Path) -> None:
    key, password = "0123456789abcdef" * 4, "hunter2hunter2"
    url = f"postgresql://tonearm:{password}@db.example:5433/music?password={password}&sslmode=require"
    tonearm = Tonearm(tmp_path, {"master_key": key, "pds_database_url": url})
    told = tonearm.told("config")
    assert key not in told
    assert password not in told
    assert "postgresql://tonearm:***@db.example:5433/music?password=***&sslmode=require" in told
    values = {line.split()[0]: line.split()[1] for line in told.splitlines()}
    assert set(values) == {f"TONEARM_{name.upper()}" for name in Settings.model_fields}
    assert values["TONEARM_MASTER_KEY"] == "(set)"
    assert values["TONEARM_DATABASE_PASSWORD"] == "(unset)"
    assert values["TONEARM_PORT"] == str(tonearm.port)
    for line, field in zip(told.splitlines(), Settings.model_fields.values(), strict=True):
        assert line.endswith(f"  {field.description}")
    assert not tonearm.data.exists(), "looking makes nothing"


def test_a_path_of_sqlite_is_printed_as_it_is(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path, {"database_url": "sqlite:////srv/index.db"})
    assert " sqlite:////srv/index.db " in tonearm.told("config")


@pytest.mark.parametrize("command", ["serve", "config", "doctor"])
def test_contradicting_settings_stop_every_command_with_both_names(tmp_path: Path, command: str) -> None:
    (tmp_path / "key").write_text("ab" * 32)
    both = {"master_key": "ab" * 32, "master_key_file": str(tmp_path / "key")}
    assert "TONEARM_MASTER_KEY and TONEARM_MASTER_KEY_FILE" in Tonearm(tmp_path, both).refused(command)
    told = Tonearm(tmp_path, {"database_password": "hunter2"}).refused(command)
    assert "TONEARM_DATABASE_PASSWORD" in told
    assert "TONEARM_DATABASE_URL" in told
    assert "hunter2" not in told


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    url = f"postgresql://tonearm:hunter2@127.0.0.1:{free_port()}/music"
    told = Tonearm(tmp_path, {"database_url": url}).refused("doctor")
    assert "hunter2" not in told
    assert len(told) > len("tonearm: x")


@pytest.mark.parametrize("where", ["nowhere/index.db", "folder", "text"])
def test_a_database_that_is_none_is_said_in_one_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("Dear diary\n" * 500)
    told = Tonearm(tmp_path, {"database_url": f"sqlite:///{tmp_path / where}"}).refused("doctor")
    assert "database" in told


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    assert str(tmp_path / "data") in Tonearm(tmp_path).refused("doctor")


def test_help_needs_no_settings(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path, {"port": "none"})
    told = tonearm.told("--help")
    for command in ("serve", "account", "token", "config", "reindex", "doctor"):
        assert command in told
