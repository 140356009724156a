"""An index that loses its plays, and the reindex that puts them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.index.engine import Work, execute, select
from tonearm.services.indexing import Indexing
from tonearm.services.reindex import Outcome, Reindex

if TYPE_CHECKING:
    from tests.support.server import Server
    from tonearm.services.reindex import RepositoryExport

WIPED = ("play", "song", "artist", "album", "actor_song", "actor_artist", "actor_album")


def wipe() -> Work[None]:
    for table in WIPED:
        yield execute(f"DELETE FROM {table}")


async def wiped(server: Server) -> None:
    await server.core.index.write(wipe())
    server.core.indexing.forget()


async def reindexed(server: Server, builtin: RepositoryExport | None = None) -> dict[str, Outcome]:
    """As `tonearm reindex` does it, in a process that remembers nothing; answers what came of it by handle."""
    core = server.core
    work = Reindex(core.index, Indexing(), builtin or core.pds, core.remote)
    outcomes = await work.run(await work.accounts(), progress=lambda _what, _done: None)
    return {outcome.account.handle: outcome for outcome in outcomes}


async def rows(server: Server) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that a reindex may write, without the journal's numbers, which no repository knows."""

    def work() -> Work[dict[str, list[tuple[Any, ...]]]]:
        found = {}
        for table in WIPED:
            columns = "actor_id, tid, song_id, mbid, isrc" if table == "play" else "*"
            found[table] = sorted((yield select(f"SELECT {columns} FROM {table}")), key=repr)
        return found

    return await server.core.index.read(work())
