"""Removing an account of this host for good, in steps that may each be repeated.

First it is said to be deleted, and its sessions end; then what it held goes, a part at a time; its identity is given up
last. The row of the account stays, without keys or a name, for the event that says that it is deleted; the number of
the newest event must not be given out again either.

An identity that no directory has taken is simply forgotten. One that has a recovery key is its owner's: our key and
this host are taken out of it, and it goes on. Any other gets a tombstone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.atproto import did_plc
from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.account import identities
from tonearm.pds.builtin.errors import RepoNotFoundError
from tonearm.pds.builtin.repository.store import append_events
from tonearm.pds.builtin.stream.frames import account_event
from tonearm.pds.builtin.times import micros_of_clock, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.atproto.did_key import SigningKey
    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.identities import Repo
    from tonearm.pds.builtin.account.keys import KeyRing
    from tonearm.pds.builtin.stream.events import EventLog

ROWS_A_STEP = 200
"""A blob may have five megabytes, a record one: a step must not hold the writer for long."""
BLOBS_A_STEP = 5

_PARTS = (
    ("pds_event", "seq", ROWS_A_STEP),
    ("pds_blob_ref", "collection, rkey, cid", ROWS_A_STEP),
    ("pds_blob", "cid", BLOBS_A_STEP),
    ("pds_record", "collection, rkey", ROWS_A_STEP),
    ("pds_node", "prefix, cid", ROWS_A_STEP),
)
"""Tables with many rows of a repository, and what tells those apart."""


class Removal:
    """Removes accounts."""

    def __init__(self, db: Database, keys: KeyRing, events: EventLog, *, clock: Callable[[], float]) -> None:
        self._db = db
        self._keys = keys
        self._events = events
        self._clock = clock

    async def remove(self, did: str) -> None:
        """Remove an account, or go on with its removal; nothing happens when there is none."""
        try:
            repo = await self._db.write(self._announce(did))
        except RepoNotFoundError:
            return
        self._events.wake()
        for table, columns, rows in _PARTS:
            while await self._db.write(_remove_part(repo.repo_id, table, columns, rows)):
                pass
        if await self._db.read(_has_keys(repo.repo_id)):
            key = await self._keys.rotation_key(did)
            await self._db.write(self._give_up(repo, key))
            self._keys.forget(did)

    def _announce(self, did: str) -> Work[Repo]:
        repo = yield from identities.repo_named(did)
        yield execute("DELETE FROM pds_session WHERE repo_id = $1", repo.repo_id)
        yield execute("DELETE FROM pds_app_password WHERE repo_id = $1", repo.repo_id)
        if repo.status != "deleted":
            yield execute("UPDATE pds_repo SET status = 'deleted' WHERE repo_id = $1", repo.repo_id)
            event = account_event(repo.did, "deleted", rfc3339(self._clock()))
            yield from append_events(repo.repo_id, [event], micros_of_clock(self._clock))
        return repo

    @staticmethod
    def _give_up(repo: Repo, key: SigningKey) -> Work[None]:
        taken = yield select(
            "SELECT 1 FROM pds_plc_operation WHERE repo_id = $1 AND submitted_at IS NOT NULL LIMIT 1", repo.repo_id
        )
        if taken:
            last, number = yield from identities.last_operation(repo.repo_id)
            yield from identities.add_operation(repo.repo_id, number + 1, _last_operation(last, key))
        else:
            yield execute("DELETE FROM pds_plc_operation WHERE repo_id = $1", repo.repo_id)
        yield execute("DELETE FROM pds_head WHERE repo_id = $1", repo.repo_id)
        yield execute(
            "UPDATE pds_repo SET handle = $2, signing_key = $3, rotation_key = $3 WHERE repo_id = $1",
            *(repo.repo_id, f"deleted-{repo.repo_id}.invalid", b""),
        )


def _last_operation(last: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """What is said of an identity when it leaves this host."""
    of_owner = [name for name in last["rotationKeys"] if name != key.did_key()]
    if not of_owner:
        return did_plc.sign_tombstone(did_plc.operation_cid(last), key)
    given_up = {**last, "rotationKeys": of_owner, "services": {}, "prev": did_plc.operation_cid(last)}
    del given_up["sig"]
    return did_plc.sign_operation(given_up, key)


def _has_keys(repo_id: int) -> Work[bool]:
    rows = yield select("SELECT length(rotation_key) FROM pds_repo WHERE repo_id = $1", repo_id)
    return bool(rows and rows[0][0])


def _remove_part(repo_id: int, table: str, columns: str, rows: int) -> Work[bool]:
    newest = " AND seq < (SELECT MAX(seq) FROM pds_event WHERE repo_id = $1)" if table == "pds_event" else ""
    removed = yield execute(
        f"DELETE FROM {table} WHERE repo_id = $1 AND ({columns}) IN "
        f"(SELECT {columns} FROM {table} WHERE repo_id = $1{newest} LIMIT {rows:d}) RETURNING repo_id",
        repo_id,
    )
    return bool(removed)
