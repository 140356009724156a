"""The product as its users run it: `tonearm serve` on a data folder, with the first start's account and token.

A filled data folder is kept for each size and for each version of the storage code, and copied for each run, so that a
run never meets the leavings of another.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import plays
from tests.benchmarks.http_client import connect as connect_to
from tests.benchmarks.http_client import drive, fetch, request
from tests.benchmarks.processes import HOST, Server, ServerFailedError, free_port, running
from tests.benchmarks.rounds import ROOT, progress
from tonearm.index import outbox
from tonearm.index.sqlite import connect, run_work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from tests.benchmarks.plays import Play

NAME = "tonearm"
CONCURRENT_IMPORTS = 16
HEALTH = "/xrpc/_health"
_STORAGE = ("index", "pds", "services", "atproto")
_PRINTED = re.compile(r"^(handle|token): (\S+)$", re.MULTILINE)
_ACCOUNT = "bench-account.json"
_SUBMIT = "/xrpc/app.rocksky.scrobble.createScrobble"
_COLLECTION = "app.rocksky.scrobble"


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the first start made."""

    handle: str
    token: str
    did: str


@dataclass(frozen=True, slots=True)
class Filled:
    """How a history came into an empty server: plays a second, seconds until the outbox was empty, memory in MB.

    `first_life_mb` is the resident set right after the very first start, which migrates and makes an account.
    """

    rate: float
    drained_in_s: float
    peak_mb: float
    resident_mb: float
    first_life_mb: float


@contextlib.asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[Server]:
    """Run the server on a data folder, without a rate limit; `settings` are further variables of its environment."""
    port = free_port()
    env = {
        "TONEARM_HOST": HOST,
        "TONEARM_PORT": str(port),
        "TONEARM_DATA_DIR": str(folder),
        "TONEARM_RATE_LIMIT": "0",
        **settings,
    }
    argv = [str(Path(sys.executable).with_name("tonearm")), "serve"]
    log = folder / "bench.log"
    async with running(NAME, argv, env=env, port=port, ready=HEALTH, log=log) as server:
        if not (folder / _ACCOUNT).is_file():
            await _remember_account(folder, server)
        yield server


def account_of(folder: Path) -> Account:
    """Return the account that the folder's first start printed."""
    return Account(**json.loads((folder / _ACCOUNT).read_text(encoding="utf-8")))


async def data_with(cache: Path, count: int) -> Path:
    """Return a data folder with a history of `count` plays, all of them in the repository; copy it before use."""
    folder = _cached(cache, count)
    if not (folder / "filled").is_file():
        await fill(cache, count)
    return folder


async def fill(cache: Path, count: int) -> Filled:
    """Submit a history to an empty server over HTTP, 16 at a time, and keep the folder for `data_with`."""
    folder = _cached(cache, count)
    _clear(cache, count)
    progress(f"submitting {count:,} plays to an empty server, {CONCURRENT_IMPORTS} at a time")
    async with serving(folder) as server:
        first_life_mb = server.resident_mb()
    async with serving(folder) as server:
        messages = submissions(server.port, account_of(folder), plays.history(count))
        load = await drive(HOST, server.port, iter(messages), CONCURRENT_IMPORTS)
        if load.refused:
            raise ServerFailedError(f"plays were refused: {load.refused}")
        progress(f"{load.rate:,.0f} plays/s; waiting for the outbox")
        drained_in_s = await drained(folder, limit_s=60 + count / 100)
        filled = Filled(load.rate, drained_in_s, server.peak_resident_mb(), server.resident_mb(), first_life_mb)
    (folder / "filled").touch()
    return filled


def submissions(port: int, account: Account, listens: Iterable[Play]) -> Iterator[bytes]:
    """Make createScrobble requests of one play each."""
    headers = {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"}
    for play in listens:
        body = {
            "title": play.title,
            "artist": play.artist,
            "album": play.album,
            "duration": play.duration_ms,
            "timestamp": play.played_at,
        }
        yield request("POST", _SUBMIT, port, headers=headers, body=json.dumps(body).encode())


def unconfirmed(folder: Path) -> int:
    """Count the writes that the repository has not confirmed, in the index of a running server.

    Raises:
        ServerFailedError: writes were refused for good.
    """
    with contextlib.closing(connect(folder / "index.db", read_only=True)) as connection:
        waiting, refused, _ = run_work(connection, outbox.count_unconfirmed())
    if refused:
        raise ServerFailedError(f"{refused} writes were refused by the repository")
    return waiting


async def drained(folder: Path, *, limit_s: float) -> float:
    """Wait until the outbox is empty; return the seconds that it took.

    Raises:
        ServerFailedError: it was not empty after `limit_s`, or writes were refused.
    """
    started = time.perf_counter()
    while (waiting := await asyncio.to_thread(unconfirmed, folder)) > 0:
        if time.perf_counter() - started > limit_s:
            raise ServerFailedError(f"{waiting} writes still wait after {limit_s:.0f} s")
        await asyncio.sleep(0.25)
    return time.perf_counter() - started


def commits(folder: Path) -> int:
    """Count the commits by which the repository has confirmed writes."""
    with contextlib.closing(connect(folder / "index.db", read_only=True)) as connection:
        return int(connection.execute("SELECT count(DISTINCT rev) FROM event").fetchone()[0])


def copied(source: Path, target: Path) -> Path:
    """Copy a stopped server's data folder over `target`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target


async def record_uris(server: Server, account: Account) -> set[str]:
    """Return the URI of every scrobble record that the repository lists."""
    return await _uris(
        server, f"/xrpc/com.atproto.repo.listRecords?repo={account.did}&collection={_COLLECTION}&limit=100", "records"
    )


async def history_uris(server: Server, account: Account) -> set[str]:
    """Return the URI of every play that the history answers."""
    return await _uris(server, f"/xrpc/app.rocksky.actor.getActorScrobbles?did={account.did}&limit=1000", "scrobbles")


async def _uris(server: Server, target: str, rows: str) -> set[str]:
    uris: set[str] = set()
    cursor = ""
    connection = await connect_to(HOST, server.port)
    try:
        while True:
            answer = await connection.ask(request("GET", target + cursor, server.port))
            if answer.status != 200:
                raise ServerFailedError(f"{target}: {answer.status} {answer.body[:200]!r}")
            page = answer.json()
            uris.update(row["uri"] for row in page[rows])
            if not page.get("cursor") or not page[rows]:
                return uris
            cursor = f"&cursor={page['cursor']}"
    finally:
        connection.close()


def _clear(cache: Path, count: int) -> None:
    """Remove the folders of this size, those of other versions too."""
    for old in cache.glob(f"tonearm-data-{count}-*"):
        shutil.rmtree(old)


def _cached(cache: Path, count: int) -> Path:
    return cache / f"tonearm-data-{count}-{storage_version()}"


def storage_version() -> str:
    """Name the code that decides what a data folder holds; a folder made by other code is not used again."""
    digest = hashlib.sha256()
    for package in _STORAGE:
        for path in sorted((ROOT / "src" / "tonearm" / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def _remember_account(folder: Path, server: Server) -> None:
    for _ in range(200):
        printed = dict(_PRINTED.findall(server.log.read_text(encoding="utf-8", errors="replace")))
        if printed.keys() == {"handle", "token"}:
            break
        await asyncio.sleep(0.05)
    else:
        raise ServerFailedError("the first start printed no handle and token")
    answer = await fetch(HOST, server.port, f"/xrpc/com.atproto.identity.resolveHandle?handle={printed['handle']}")
    account = Account(printed["handle"], printed["token"], answer.json()["did"])
    (folder / _ACCOUNT).write_text(json.dumps(asdict(account)), encoding="utf-8")
