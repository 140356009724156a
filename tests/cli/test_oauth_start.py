"""What logging in needs is no part of the start, and is fetched beside the event loop."""

from __future__ import annotations

import subprocess
import sys

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
