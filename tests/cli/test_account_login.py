"""`tonearm account login HANDLE`: the PDS is found by the handle, and what is wrong is said in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Tonearm
from tests.support.real_pds import real_account, real_pds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds

__all__ = ["real_account", "real_pds"]

pytestmark = pytest.mark.needs_node

COMMAND = ("account", "login", "--password-file", "-")


@pytest.fixture
def tonearm(real_pds: RealPds, tmp_path: Path) -> Tonearm:
    """The settings let nobody in but by the command."""
    neighbours = {"plc_url": real_pds.plc_url, "handle_resolver_url": real_pds.url}
    return Tonearm(tmp_path, {**neighbours, "login": "allow", "first_account": "off"})


def test_an_account_is_found_by_its_handle_and_logged_in(tonearm: Tonearm, real_account: RealAccount):
    told = tonearm.told(*COMMAND, f"@{real_account.handle.upper()}", stdin=real_account.app_password)
    assert told == f"{real_account.handle} {real_account.did}\n"
    assert tonearm.told(*COMMAND, real_account.did, stdin=real_account.app_password) == told
    kept = b"".join(path.read_bytes() for path in tonearm.data.iterdir())
    assert real_account.app_password.encode() not in kept
    token = tonearm.told("token", "create", real_account.handle, "--name", "player").strip()
    with tonearm.serving() as serving:
        play = {"title": "Cloudbusting", "artist": "Kate Bush"}
        assert serving.call("POST", "app.rocksky.scrobble.createScrobble", play, token=token)[0] == 200
        serving.drained(token)
        assert serving.stop() == 0


def test_what_is_wrong_is_said_in_one_line(tonearm: Tonearm, real_account: RealAccount):
    wrong = tonearm.refused(*COMMAND, real_account.handle, stdin="abcd-efgh-ijkl-mnop")
    assert wrong.startswith("tonearm: the PDS says that the handle or the password is wrong; make an app password")
    assert "nobody-at-all.test" in tonearm.refused(*COMMAND, "nobody-at-all.test", stdin="whatever")
    assert "password is wrong" in tonearm.refused(*COMMAND, "nobody", stdin="whatever")
