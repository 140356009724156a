"""Maloja 3.2.9, the self-hosted scrobble server that ours is measured against: its own SQLite file, one commit a play.

It needs Python 3.12 exactly and Debian's libmagic1. A history is loaded straight into its tables, with the rows that
its own import would have stored, once for each size, and copied for each run.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

from tests.benchmarks import plays
from tests.benchmarks.http_client import request
from tests.benchmarks.peers import python312
from tests.benchmarks.processes import HOST, ServerFailedError, command, free_port, running
from tests.benchmarks.report import PeerAbsentError
from tests.benchmarks.rounds import progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.benchmarks.plays import Play
    from tests.benchmarks.processes import Server

NAME = "Maloja 3.2.9"
KEY = "a-key-of-the-bench"
_REQUIREMENT = "malojaserver==3.2.9"
_READY = "/apis/mlj_1/serverinfo"


async def install(cache: Path) -> Path:
    """Install Maloja into a virtual environment of its own; return its command. Does nothing the second time.

    Raises:
        PeerAbsentError: Python 3.12 or libmagic is missing, or the package cannot be installed.
    """
    folder = cache / "maloja"
    script = folder / "bin" / "maloja"
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == _REQUIREMENT:
        return script
    await python312.ensure_libmagic(NAME)
    python = await python312.find(NAME)
    progress("installing Maloja from PyPI")
    try:
        await command([python, "-m", "venv", "--clear", str(folder)])
        await command([str(folder / "bin" / "pip"), "install", "-q", _REQUIREMENT])
    except ServerFailedError as error:
        raise PeerAbsentError(NAME, str(error)) from error
    stamp.write_text(_REQUIREMENT, encoding="utf-8")
    return script


async def data_with(script: Path, cache: Path, count: int) -> Path:
    """Return a folder with a history of `count` plays, made the first time; copy it before use."""
    folder = cache / f"maloja-data-{count}"
    if not (folder / "loaded").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        async with serving(script, folder):
            pass  # the first start makes its tables
        progress(f"loading {count:,} plays into Maloja's tables")
        _load(_database(folder), plays.history(count))
        (folder / "loaded").touch()
    return folder


@contextlib.asynccontextmanager
async def serving(script: Path, folder: Path) -> AsyncIterator[Server]:
    """Run Maloja on a data folder, with one key that may scrobble."""
    _write_key(folder)
    port = free_port()
    env = {
        "MALOJA_DATA_DIRECTORY": str(folder),
        "MALOJA_HOST": HOST,
        "MALOJA_PORT": str(port),
        "MALOJA_SKIP_SETUP": "true",
        "MALOJA_FORCE_PASSWORD": "of-the-bench",
        "MALOJA_SEND_STATS": "no",
    }
    log = folder / "bench.log"
    async with running(NAME, [str(script), "run"], env=env, port=port, ready=_READY, log=log) as server:
        yield server


def submissions(port: int, listens: Iterable[Play]) -> Iterator[bytes]:
    """Make ListenBrainz requests of one play each."""
    headers = {"Authorization": f"Token {KEY}", "Content-Type": "application/json"}
    for play in listens:
        body = json.dumps({"listen_type": "single", "payload": [_listen(play)]}).encode()
        yield request("POST", "/apis/listenbrainz/1/submit-listens", port, headers=headers, body=body)


def count_plays(folder: Path) -> int:
    """Count the plays that a stopped or running Maloja has stored."""
    with contextlib.closing(sqlite3.connect(_database(folder))) as connection:
        return int(connection.execute("SELECT count(*) FROM scrobbles").fetchone()[0])


def _listen(play: Play) -> Mapping[str, object]:
    track = {
        "artist_name": play.artist,
        "track_name": play.title,
        "release_name": play.album,
        "additional_info": {"duration_ms": play.duration_ms, "media_player": "player", "submission_client": "bench"},
    }
    return {"listened_at": play.played_at, "track_metadata": track}


def _write_key(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "apikeys.yml").write_text(f"bench: {KEY}\n", encoding="ascii")


def _database(folder: Path) -> Path:
    return folder / "malojadb.sqlite"


def _load(database: Path, listens: Iterable[Play]) -> None:
    tables: dict[str, dict[object, tuple[object, ...]]] = {
        name: {} for name in ("artists", "albums", "tracks", "trackartists", "albumartists", "scrobbles")
    }
    for play in listens:
        _add(tables, play)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        for name, rows in tables.items():
            connection.execute(f"DELETE FROM {name}")
            width = len(next(iter(rows.values())))
            connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * width)})", rows.values())


def _add(tables: dict[str, dict[object, tuple[object, ...]]], play: Play) -> None:
    artist, album, track = play.artist_id + 1, play.album_id + 1, play.track_id + 1
    tables["artists"].setdefault(artist, (artist, play.artist, play.artist.lower()))
    tables["albums"].setdefault(album, (album, play.album, play.album.lower()))
    tables["tracks"].setdefault(track, (track, play.title, play.title.lower(), play.duration_ms // 1000, album))
    for name, pair in (("trackartists", (artist, track)), ("albumartists", (artist, album))):
        tables[name].setdefault(pair, (len(tables[name]) + 1, *pair))
    raw = {
        "track_artists": [play.artist],
        "track_title": play.title,
        "album_title": play.album,
        "scrobble_time": play.played_at,
        "track_length": None,
    }
    extra = {"album_title": play.album, "album_artists": [play.artist]}
    row = (play.played_at, json.dumps(raw), "client:default", None, track, json.dumps(extra))
    tables["scrobbles"][play.played_at] = row
