"""Room on disk for a reindex: a repository, and the plays to be put in, may be larger than memory.

An SQLite file that SQLite makes in its temporary folder and deletes with the connection. Nothing of it outlives the
run, so it is never flushed. Rejected: dictionaries, which take more than a gigabyte for a repository of a million.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CACHE_KIB = 16_000
AT_ONCE_BYTES = 2 << 20
"""Records held in memory at once; a single one may be larger."""

_BLOCKS = "CREATE TABLE block (cid BLOB NOT NULL, block BLOB NOT NULL)"
_PLAYS = (
    "CREATE TABLE play (actor_id INTEGER NOT NULL, tid INTEGER NOT NULL, block BLOB NOT NULL, arrived INTEGER, "
    "PRIMARY KEY (actor_id, tid))"
)


class FoundPlay(NamedTuple):
    """A play that the index lacks: its record, and its place in the journal, None when that does not know it."""

    actor_id: int
    tid: int
    block: bytes
    arrived: int | None


class Scratch:
    """The blocks of one repository at a time, and the plays found in all of them."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        for statement in ("PRAGMA journal_mode=OFF", f"PRAGMA cache_size=-{CACHE_KIB}", "BEGIN", _BLOCKS, _PLAYS):
            self._connection.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()

    def begin_repository(self) -> None:
        """Forget the blocks of the repository before."""
        self._connection.execute("DROP TABLE block")
        self._connection.execute(_BLOCKS)

    def add_blocks(self, blocks: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep (CID, block) of the repository at hand."""
        self._connection.executemany("INSERT INTO block VALUES (?1, ?2)", blocks)

    def end_repository(self) -> None:
        """All blocks are there: from now on they can be found."""
        self._connection.execute("CREATE INDEX block_by_cid ON block (cid)")

    def block(self, cid: bytes) -> bytes:
        """A block of the repository at hand.

        Raises:
            LookupError: the repository has no such block.
        """
        row = self._connection.execute("SELECT block FROM block WHERE cid = ?1", (cid,)).fetchone()
        if row is None:
            raise LookupError(f"the repository has no block {cid.hex()}")
        block: bytes = row[0]
        return block

    def add_plays(self, actor_id: int, plays: Iterable[tuple[int, bytes]]) -> None:
        """Keep (tid, record) of an actor. A later record takes the place of an earlier one under the same key."""
        rows = ((actor_id, tid, block) for tid, block in plays)
        self._connection.executemany("INSERT OR REPLACE INTO play (actor_id, tid, block) VALUES (?1, ?2, ?3)", rows)

    def mark_arrived(self, rows: Iterable[tuple[int, int, int, int]]) -> None:
        """Say when plays arrived: (journal_id, actor_id, first tid, last tid), both inclusive. The first mark stays."""
        self._connection.executemany(
            "UPDATE play SET arrived = ?1 WHERE actor_id = ?2 AND tid BETWEEN ?3 AND ?4 AND arrived IS NULL", rows
        )

    def plays_in_order(self, limit: int) -> Iterator[list[FoundPlay]]:
        """The plays: those that the journal knows in its order, then the others by their time.

        They come `limit` at a time, or fewer when their records are large.
        """
        order = "arrived IS NULL, arrived, tid, actor_id"
        self._connection.execute(f"CREATE INDEX play_in_order ON play ({order})")
        found = self._connection.execute(f"SELECT actor_id, tid, block, arrived FROM play ORDER BY {order}")
        plays: list[FoundPlay] = []
        size = 0
        for row in found:
            plays.append(FoundPlay(*row))
            size += len(row[2])
            if len(plays) == limit or size >= AT_ONCE_BYTES:
                yield plays
                plays, size = [], 0
        if plays:
            yield plays
