"""The repositories' keys: sealed in the database, opened when they are first used, never written anywhere else."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from tonearm.atproto.did_key import SigningKey
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.errors import KeysMissingError, RepoNotFoundError

if TYPE_CHECKING:
    from tonearm.index.engine import Database
    from tonearm.pds.builtin.ports import Sealer

OPENED_LIMIT = 1_000
"""Opened keys kept in memory."""
ROWS_A_READ = 500
CURVE: Final = "k256"


def signing_context(did: str) -> str:
    """Return what binds a sealed signing key to its row."""
    return f"pds_repo.signing_key:{did}"


def rotation_context(did: str) -> str:
    """Return what binds a sealed rotation key to its row."""
    return f"pds_repo.rotation_key:{did}"


def _sealed_keys(after: int) -> Work[list[tuple[int, str, bytes, bytes, int | None]]]:
    rows = yield select(
        "SELECT r.repo_id, r.did, r.signing_key, r.rotation_key, h.repo_id FROM pds_repo r"
        " LEFT JOIN pds_head h ON h.repo_id = r.repo_id WHERE r.repo_id > $1 AND r.status <> 'deleted'"
        " ORDER BY r.repo_id LIMIT $2",
        after,
        ROWS_A_READ,
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _sealed_pair(did: str) -> Work[tuple[bytes, bytes]]:
    rows = yield select("SELECT signing_key, rotation_key FROM pds_repo WHERE did = $1", did)
    if not rows:
        raise RepoNotFoundError(f"no repository {did} here")
    return rows[0][0], rows[0][1]


class KeyRing:
    """Opens keys, and remembers the ones in use."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer
        self._opened: OrderedDict[str, SigningKey] = OrderedDict()

    async def signing_key(self, did: str) -> SigningKey:
        """Return the key that signs a repository's commits.

        Raises:
            RepoNotFoundError: there is no such repository.
            KeysMissingError: its key can't be opened.
        """
        key = self._opened.get(did)
        if key is None:
            sealed, _ = await self._db.read(_sealed_pair(did))
            key = self._open(sealed, signing_context(did), did)
            self._opened[did] = key
            if len(self._opened) > OPENED_LIMIT:
                self._opened.popitem(last=False)
        else:
            self._opened.move_to_end(did)
        return key

    async def rotation_key(self, did: str) -> SigningKey:
        """Return the key that changes an identity. It is opened for one use and not remembered.

        Raises:
            RepoNotFoundError: there is no such repository.
            KeysMissingError: its key can't be opened.
        """
        _, sealed = await self._db.read(_sealed_pair(did))
        return self._open(sealed, rotation_context(did), did)

    def forget(self, did: str) -> None:
        """Drop a key from memory: its repository is gone."""
        self._opened.pop(did, None)

    async def check(self) -> int:
        """Open every stored key once and return how many repositories there are.

        Raises:
            KeysMissingError: names the first repository whose keys or head are not as they were written.
        """
        after = count = 0
        while rows := await self._db.read(_sealed_keys(after)):
            for repo_id, did, signing, rotation, head in rows:
                self._open(signing, signing_context(did), did)
                self._open(rotation, rotation_context(did), did)
                if head is None:
                    raise KeysMissingError(f"table pds_head has no row for {did}: restore the database from a backup")
                after, count = repo_id, count + 1
        return count

    def _open(self, sealed: bytes, context: str, did: str) -> SigningKey:
        try:
            return SigningKey.from_bytes(CURVE, self._sealer.open(sealed, context))
        except Exception as error:
            raise KeysMissingError(
                f"the keys of {did} (table pds_repo) can't be opened: the encryption key is not the one that they were"
                " sealed with. Restore that key from your backup; new keys would not be this repository's."
            ) from error
