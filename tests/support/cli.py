"""`tonearm` as a user runs it: the console script in a process of its own, over a data folder."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.support.server import NEIGHBOURS, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

TONEARM = Path(sys.executable).with_name("tonearm")
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0


@dataclass
class Serving:
    """A `tonearm serve` process and all that it has printed."""

    process: subprocess.Popen[bytes]
    port: int
    out: Path
    err: Path

    @property
    def stdout(self) -> str:
        return self.out.read_text()

    @property
    def stderr(self) -> str:
        return self.err.read_text()

    def ready(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.stderr[-2000:]}"
            assert time.monotonic() < deadline, f"no answer within {START_LIMIT_S} s: {self.stderr[-2000:]}"
            try:
                status, _ = self.call("GET", "_health")
            except OSError:
                time.sleep(0.02)
            else:
                assert status == 200
                return

    def announced(self) -> str:
        """Wait until the first start has printed all that it prints; answers that."""
        deadline = time.monotonic() + START_LIMIT_S
        while not (told := self.stdout).partition("curl ")[2].endswith("\n"):
            assert self.process.poll() is None, self.stderr[-2000:]
            assert time.monotonic() < deadline, f"nothing announced within {START_LIMIT_S} s"
            time.sleep(0.02)
        return told

    def call(
        self, verb: str, method: str, body: Any = None, *, token: str | None = None, **params: Any
    ) -> tuple[int, Any]:
        """Call an XRPC method; answers status and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        path = f"/xrpc/{method}" + (f"?{urlencode(params)}" if params else "")
        try:
            connection.request(verb, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def drained(self, token: str) -> None:
        """Wait until all that the token's owner has reported is in their repository."""
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            status, queue = self.call("GET", "app.tonearm.journal.getQueue", token=token)
            assert status == 200, queue
            if not queue["entries"]:
                return
            assert time.monotonic() < deadline, queue["entries"][:2]
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it in good order; answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(STOP_LIMIT_S)


@dataclass
class Tonearm:
    """A data folder with the settings for it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    starts: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The environment of the tests without their own Tonearm settings, and with this folder's."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TONEARM_")}
        own = {
            "port": str(self.port),
            "data_dir": str(self.data),
            "outbox_linger_s": "0",
            "allowed_private_hosts": NEIGHBOURS,
            **self.settings,
        }
        return {**plain, "COLUMNS": "500", **{f"TONEARM_{name.upper()}": value for name, value in own.items()}}

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [str(TONEARM), *arguments],
            env=self.environment(),
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def told(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints that must succeed, and complain of nothing."""
        done = self.run(*arguments, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def refused(self, *arguments: str, stdin: str = "") -> str:
        """The one line that a command ends with that cannot do what it was asked."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 1, (done.stdout, done.stderr)
        last = done.stderr.splitlines()[-1]
        assert last.startswith("tonearm: "), done.stderr
        assert "Traceback" not in done.stderr
        return last

    def start(self) -> Serving:
        """Start a server, which its caller stops."""
        self.starts += 1
        out, err = (self.folder / f"{stream}-{self.starts}.txt" for stream in ("stdout", "stderr"))
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                [str(TONEARM), "serve"], env=self.environment(), cwd=self.folder, stdout=to_out, stderr=to_err
            )
        return Serving(process, self.port, out, err)

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        """A server that answers; it is ended with the block."""
        serving = self.start()
        try:
            serving.ready()
            yield serving
        finally:
            if serving.process.poll() is None:
                serving.process.kill()
            serving.process.wait()
