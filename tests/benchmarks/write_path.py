"""The write path by itself: the service that keeps plays, on an index database, without HTTP and without a repository."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

from tonearm.index.engine import open_database
from tonearm.index.queries.actors import add_actor
from tonearm.services.indexing import Indexing
from tonearm.services.preparing import Listener
from tonearm.services.scrobbles import Scrobbles
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from tests.benchmarks.plays import Play
    from tonearm.index.engine import Database

BATCH = 1000
SOURCE = "bench"
_DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"


@contextlib.asynccontextmanager
async def scrobbles(
    path: Path, *, around: Callable[[Database], Database] = lambda database: database
) -> AsyncIterator[tuple[Scrobbles, Listener]]:
    """Open the index at `path`; `around` may put something between the service and its database."""
    url = f"sqlite:///{path}"
    database = await open_database(url)
    try:
        actor_id = await database.write(add_actor(_DID, "listener.test", int(time.time() * 1e6)))
        service = Scrobbles(around(database), Indexing(), now=time.time, wake=lambda _actor_id: None)
        yield service, Listener(actor_id, _DID)
    finally:
        await database.close()


async def make_index(path: Path) -> None:
    """Make an empty index. It imports the migrations, so do it in another process than the one whose memory counts."""
    from tonearm.index.migrations import migrate

    await migrate(f"sqlite:///{path}", "index")


def batches(listens: Iterable[Play], size: int = BATCH) -> Iterable[list[Submission]]:
    """Make submissions, as an import does, in lists of `size`."""
    batch: list[Submission] = []
    for play in listens:
        batch.append(_submission(play))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _submission(play: Play) -> Submission:
    values = {"title": play.title, "artist": play.artist, "album": play.album, "duration_ms": play.duration_ms}
    raw = json.dumps({**values, "timestamp": play.played_at}).encode()
    return Submission.of(now_s=time.time(), **values, played_at_s=play.played_at, raw=raw)
