"""`tonearm keys rotate` as an administrator runs it, beside `tonearm serve`."""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

from tests.support.cli import TONEARM, Tonearm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Serving

CREATE = "app.rocksky.scrobble.createScrobble"


def token_of(serving: Serving) -> str:
    found = re.search(r"token: (\S+)", serving.announced())
    assert found
    return found[1]


def scrobble(serving: Serving, token: str, number: int) -> None:
    play = {"title": f"Song {number}", "artist": "Kate Bush", "timestamp": 1_700_000_000 + 300 * number}
    status, answer = serving.call("POST", CREATE, play, token=token)
    assert status == 200, answer


def test_the_key_is_changed_while_the_server_serves(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path)
    with tonearm.serving() as serving:
        token, path = token_of(serving), tonearm.data / "master.key"
        old = path.read_text()
        stop, faults, plays = threading.Event(), list[BaseException](), [0]

        def go_on() -> None:
            while not stop.is_set():
                try:
                    scrobble(serving, token, plays[0])
                except BaseException as fault:  # noqa: BLE001 - told below
                    faults.append(fault)
                    return
                plays[0] += 1
                time.sleep(0.02)

        thread = threading.Thread(target=go_on)
        thread.start()
        done = tonearm.run("keys", "rotate")
        assert (done.returncode, done.stdout[:5]) == (0, "done:"), done.stderr
        assert re.search(r"^pds_repo\.signing_key: 1 of 1$", done.stderr, re.MULTILINE)
        status, made = serving.call("POST", "app.rocksky.apikey.createApikey", {"name": "radio"}, token=token)
        assert status == 200, made
        stop.set()
        thread.join()
        assert not faults
        assert plays[0] > 20
        assert path.read_text() != old
        serving.drained(token)
        assert serving.stop() == 0
    assert "all are sealed with the present master key" in tonearm.told("doctor")
    with tonearm.serving() as serving:
        scrobble(serving, token, 10_000)
        serving.drained(token)
        serving.stop()
    path.write_text(old)
    assert "another master key" in tonearm.refused("serve")


def test_a_change_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path)
    with tonearm.serving() as serving:
        token, path = token_of(serving), tonearm.data / "master.key"
        old = path.read_text()
        for wait_s in (2.0, 4.5):
            killed = subprocess.Popen(
                [str(TONEARM), "keys", "rotate"],
                env=tonearm.environment(),
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(wait_s)
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            scrobble(serving, token, secrets.randbelow(1000))
        assert serving.stop() == 0
    unfinished = path.read_text() == old
    if unfinished:
        assert "run tonearm keys rotate" in tonearm.run("doctor").stdout
    with tonearm.serving() as serving:
        scrobble(serving, token, 2000)
        assert tonearm.run("keys", "rotate").stdout.startswith("done:")
        assert path.read_text() != old
        scrobble(serving, token, 2001)
        serving.drained(token)
        assert serving.stop() == 0
    assert "all are sealed" in tonearm.told("doctor")


def test_where_the_environment_gives_the_key_a_person_gives_the_new_one(tmp_path: Path) -> None:
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    tonearm = Tonearm(tmp_path, {"master_key": old})
    tonearm.told("account", "create", "alice")
    assert "TONEARM_NEW_MASTER_KEY" in tonearm.refused("keys", "rotate")
    (tmp_path / "new.key").write_text(new + "\n")
    tonearm.settings["new_master_key_file"] = str(tmp_path / "new.key")
    said = tonearm.run("keys", "rotate")
    assert said.returncode == 0
    assert "TONEARM_MASTER_KEY" in said.stdout
    assert tonearm.run("doctor").returncode == 1, "it is not finished"
    tonearm.settings = {"master_key": new}
    assert tonearm.run("keys", "rotate").stdout.startswith("done:")
    assert "all are sealed" in tonearm.told("doctor")
    tonearm.settings = {"master_key": old}
    assert "another master key" in tonearm.refused("doctor")
    for secret in (old, new):
        assert secret not in said.stdout + said.stderr
