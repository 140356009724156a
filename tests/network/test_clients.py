"""Real client libraries scrobble through a Tonearm server into the real PDS, and read the play back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.real_pds import free_ports
from tests.support.server import NEIGHBOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = pytest.mark.needs_node

ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).parent / "clients"
TONEARM = Path(sys.executable).with_name("tonearm")
START_LIMIT_S = 60


@dataclass(frozen=True)
class Server:
    """A Tonearm server with an API token of an account whose repository is on the real PDS."""

    url: str
    token: str
    account: RealAccount


@pytest.fixture
def server(real_pds: RealPds, real_account: RealAccount, tmp_path: Path) -> Iterator[Server]:
    port = free_ports(1)[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TONEARM_")} | {
        "TONEARM_DATA_DIR": str(tmp_path / "data"),
        "TONEARM_PORT": str(port),
        "TONEARM_FIRST_ACCOUNT": "off",
        "TONEARM_ALLOWED_PRIVATE_HOSTS": NEIGHBOURS,
    }

    def tonearm(*arguments: str) -> str:
        done = subprocess.run([TONEARM, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    password = tmp_path / "password"
    password.write_text(real_account.app_password)
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen([TONEARM, "serve"], env=environment, stdout=out, stderr=out)
    try:
        _wait_for(port, process, log)
        tonearm("account", "login", real_account.handle, "--pds", real_pds.url, "--password-file", str(password))
        token = tonearm("token", "create", real_account.handle, "--name", "client")
        yield Server(f"http://127.0.0.1:{port}", token, real_account)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/xrpc/_health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"Tonearm did not start: {log.read_text()[-2000:]}")


def told_by(*command: str | Path) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_read_back(told: dict[str, Any], account: RealAccount, title: str) -> None:
    uri = told["made"]["uri"]
    assert uri.startswith(f"at://{account.did}/app.rocksky.scrobble/")
    assert told["made"]["user"] == account.handle
    assert told["made"]["title"] == title
    assert told["stored"] == {"uri": uri, "title": title}
    assert [(play["uri"], play["title"]) for play in told["history"]] == [(uri, title)]


def test_the_python_sdk_scrobbles_into_the_real_pds(server: Server, real_pds: RealPds):
    told = told_by(
        sys.executable, CLIENTS / "python_sdk.py", server.url, server.token, real_pds.url, server.account.did
    )
    assert_read_back(told, server.account, "Olson")


def test_atproto_api_scrobbles_into_the_real_pds(server: Server, real_pds: RealPds, tmp_path: Path):
    # Node finds packages from the folder of the file that asks for them.
    shutil.copy(CLIENTS / "atproto_api.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(real_pds.folder / "node_modules")
    told = told_by(
        real_pds.node,
        tmp_path / "atproto_api.mjs",
        server.url,
        server.token,
        real_pds.url,
        server.account.did,
        ROOT / "lexicons",
    )
    assert_read_back(told, server.account, "Roygbiv")
