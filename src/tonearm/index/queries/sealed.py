"""Sealed columns, whatever table they are in, and the server's own keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tonearm.index.engine import Row, Work, execute, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """Where sealed secrets are kept.

    Attributes:
        store: the database that the table is in.
        table: its name.
        key: the columns of its primary key.
        column: the sealed one; its rows may be NULL.
        context: the text that binds a secret to its row, of the values of `context_of`.
        context_of: SQL expressions over the row; the primary key without any.
    """

    store: Literal["index", "pds"]
    table: str
    key: tuple[str, ...]
    column: str
    context: Callable[..., str]
    context_of: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name, for people."""
        return f"{self.table}.{self.column}"


def count_sealed_otherwise(place: SealedColumn, key_id: bytes) -> Work[int]:
    """How many secrets of a column are sealed with another key than this one."""
    rows = yield select(
        f"SELECT count(*) FROM {place.table} WHERE substr({place.column}, 1, {len(key_id)}) <> $1",
        key_id,
    )
    count: int = rows[0][0]
    return count


def sealed_otherwise(place: SealedColumn, key_id: bytes, after: Sequence[Any], limit: int) -> Work[list[Row]]:
    """Rows of a column that are sealed with another key, in the order of the primary key and after one.

    Each is the values of the primary key, those of `context_of`, and the sealed secret.
    """
    key = ", ".join(place.key)
    first = len(key_id)
    beyond = ""
    if after:
        places = ", ".join(f"${number}" for number in range(3, 3 + len(after)))
        beyond = f"AND ({key}) > ({places}) "
    wanted = ", ".join([*place.key, *place.context_of, place.column])
    return (
        yield select(
            f"SELECT {wanted} FROM {place.table} WHERE substr({place.column}, 1, {first}) <> $1 {beyond}"
            f"ORDER BY {key} LIMIT $2",
            key_id,
            limit,
            *after,
        )
    )


def seal_again(place: SealedColumn, key: Sequence[Any], was: bytes, sealed: bytes) -> Work[None]:
    """Put a secret sealed anew in the place of the old one, unless it was changed in between."""
    count = len(key)
    where = " AND ".join(f"{column} = ${number}" for number, column in enumerate(place.key, 1))
    yield execute(
        f"UPDATE {place.table} SET {place.column} = ${count + 2} WHERE {where} AND {place.column} = ${count + 1}",
        *key,
        was,
        sealed,
    )


def server_key(name: str) -> Work[bytes | None]:
    """A key of the server's own, sealed."""
    rows = yield select("SELECT sealed FROM server_key WHERE name = $1", name)
    return rows[0][0] if rows else None


def add_server_key(name: str, sealed: bytes) -> Work[bytes]:
    """Keep a key of the server's own, unless there is one; answers the one that counts."""
    yield execute("INSERT INTO server_key (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, sealed)
    rows = yield select("SELECT sealed FROM server_key WHERE name = $1", name)
    kept: bytes = rows[0][0]
    return kept


def announced_key() -> Work[tuple[bytes, bytes] | None]:
    """The id of the master key that is to come, and the key itself, sealed with the present one."""
    rows = yield select("SELECT key_id, sealed FROM master_key_change WHERE change_id = 1")
    return (rows[0][0], rows[0][1]) if rows else None


def announce_key(key_id: bytes, sealed: bytes) -> Work[bytes]:
    """Announce a master key, unless one is announced; answers the id of the one that counts."""
    yield execute(
        "INSERT INTO master_key_change (change_id, key_id, sealed) VALUES (1, $1, $2) ON CONFLICT DO NOTHING",
        key_id,
        sealed,
    )
    rows = yield select("SELECT key_id FROM master_key_change WHERE change_id = 1")
    kept: bytes = rows[0][0]
    return kept


def withdraw_key() -> Work[None]:
    """Withdraw the announcement: whoever has the old master key alone opens nothing any more."""
    yield execute("DELETE FROM master_key_change")
