"""wrk, the HTTP load generator of the XRPC rows: Debian's package, installed when it is missing and we may."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING

from tests.benchmarks.processes import HOST, ServerFailedError, command
from tests.benchmarks.report import PeerAbsentError

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = 32
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")


async def install() -> str:
    """Return the path of wrk, installing it when the system allows.

    Raises:
        PeerAbsentError: it is missing and cannot be installed.
    """
    if not shutil.which("wrk") and shutil.which("apt-get") and os.geteuid() == 0:
        try:
            await command(["apt-get", "install", "-y", "-q", "wrk"], env={"DEBIAN_FRONTEND": "noninteractive"})
        except ServerFailedError as error:
            raise PeerAbsentError("wrk", str(error)) from error
    path = shutil.which("wrk")
    if path is None:
        raise PeerAbsentError("wrk", "not on PATH; on Debian: apt-get install wrk")
    return path


def post_script(folder: Path, body: bytes) -> Path:
    """Write the script that makes wrk send one JSON body."""
    path = folder / "post.lua"
    lines = [
        'wrk.method = "POST"',
        'wrk.headers["Content-Type"] = "application/json"',
        f"wrk.body = {json.dumps(body.decode('ascii'))}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


async def rate(wrk: str, port: int, target: str, seconds: float, script: Path | None = None) -> float:
    """Return the answers a second of one window.

    Raises:
        ServerFailedError: an answer was refused or a socket failed, so the rate would count nothing of worth.
    """
    extra = ["-s", str(script)] if script else []
    timing = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
    output = await command([wrk, *timing, *extra, f"http://{HOST}:{port}{target}"])
    found = _RATE.search(output)
    refused = _REFUSED.search(output)
    if found is None or refused is not None:
        raise ServerFailedError(f"wrk on {target}: {refused.group(0) if refused else output[-400:]}")
    return float(found.group(1))
