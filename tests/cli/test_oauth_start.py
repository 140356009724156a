"""What logging in by OAuth needs of the commands and of the start."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.cli import Tonearm
from tests.support.oauth import CONFIDENTIAL

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import asyncio, sys
import tonearm.app, tonearm.edges
from tonearm.identity.oauth.keys import SigningKey, prepare
assert "joserfc" not in sys.modules, "imported at the start"

async def longest_wait() -> None:
    ticks = []
    async def tick() -> None:
        while True:
            ticks.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0)
    ticking = asyncio.create_task(tick())
    await prepare()
    SigningKey.generate().sign({}, {})
    ticking.cancel()
    assert "joserfc.jwt" in sys.modules
    assert len(ticks) > 5, "the event loop stood still"

asyncio.run(longest_wait())
"""


def test_the_first_login_holds_up_nobody_else() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def published(tonearm: Tonearm) -> list[dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", tonearm.port, timeout=20)
    try:
        connection.request("GET", "/jwks.json")
        return json.loads(connection.getresponse().read())["keys"]
    finally:
        connection.close()


def test_a_new_client_key_joins_the_others_beside_a_running_server(tmp_path: Path) -> None:
    tonearm = Tonearm(tmp_path, {"public_url": CONFIDENTIAL})
    with tonearm.serving():
        first = published(tonearm)
        assert "signs for logins in an hour" in tonearm.told("keys", "new-client-key")
        both = published(tonearm)
        assert len(both) == 2
        assert both[1:] == first
