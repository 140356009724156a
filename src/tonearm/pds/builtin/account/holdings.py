"""What this host holds of an account beside its repository, for its owner: everything but secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tonearm.atproto.dag_cbor import decode
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.account import identities

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.index.engine import Database


class HeldBlob(NamedTuple):
    """A blob with its content."""

    cid: str
    media_type: str
    content: bytes


class Holdings:
    """Reads what is held."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def about(self, did: str) -> dict[str, Any]:
        """Return the account, the operations of its identity, its app passwords' names and its sessions.

        Raises:
            RepoNotFoundError: there is no such account.
        """
        return await self._db.read(_about(did))

    async def blobs(self, did: str) -> AsyncIterator[HeldBlob]:
        """Yield every blob, also those that no record references.

        Raises:
            RepoNotFoundError: there is no such account.
        """
        after = ""
        while (blob := await self._db.read(_next_blob(did, after))) is not None:
            after = blob.cid
            yield blob


def _about(did: str) -> Work[dict[str, Any]]:
    repo = yield from identities.repo_named(did)
    operations = yield select(
        "SELECT number, operation, submitted_at FROM pds_plc_operation WHERE repo_id = $1 ORDER BY number", repo.repo_id
    )
    passwords = yield select(
        "SELECT name, privileged, created_at FROM pds_app_password WHERE repo_id = $1 ORDER BY created_at", repo.repo_id
    )
    sessions = yield select(
        "SELECT app_password, MAX(expires_at) FROM pds_session WHERE repo_id = $1 GROUP BY session_id, app_password",
        repo.repo_id,
    )
    return {
        "handle": repo.handle,
        "status": repo.status,
        "created_at": repo.created_at,
        "operations": [
            {"number": number, "operation": decode(operation), "submitted_at": submitted_at}
            for number, operation, submitted_at in operations
        ],
        "app_passwords": [
            {"name": name, "privileged": bool(privileged), "created_at": created_at}
            for name, privileged, created_at in passwords
        ],
        "sessions": [{"app_password": name, "expires_at": expires_at} for name, expires_at in sessions],
    }


def _next_blob(did: str, after: str) -> Work[HeldBlob | None]:
    repo = yield from identities.repo_named(did)
    rows = yield select(
        "SELECT cid, media_type, content FROM pds_blob WHERE repo_id = $1 AND cid > $2 ORDER BY cid LIMIT 1",
        *(repo.repo_id, after),
    )
    return HeldBlob(*rows[0]) if rows else None
