"""The built-in PDS as the outbox sees it: `RepoWriter`, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto.cid import Cid, cid_text
from tonearm.atproto.tid import tid_text
from tonearm.index.engine import DatabaseClosedError
from tonearm.pds.builtin.errors import (
    BuiltinPdsError,
    KeysMissingError,
    RecordExistsError,
    RecordNotFoundError,
    RepoBusyError,
    RepoInactiveError,
    RepoNotFoundError,
)
from tonearm.pds.builtin.repository.records import cids_of, edit_of_block
from tonearm.pds.errors import (
    PdsError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.writer import WRITES_LIMIT, CommitResult, RepoWrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.index.engine import Database
    from tonearm.pds.builtin.repository.repositories import Repositories
    from tonearm.pds.builtin.repository.rows import Edit

_DATABASE_MODULES = ("sqlite3", "asyncpg")


class InProcessWriter:
    """Writes repositories of this host with the behaviour that the outbox knows from any PDS."""

    def __init__(self, db: Database, repos: Repositories) -> None:
        self._db = db
        self._repos = repos

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        """Store all writes in one commit, or none of them. See `tonearm.pds.writer.RepoWriter`."""
        if not 1 <= len(writes) <= WRITES_LIMIT:
            raise ValueError(f"a batch has 1 to {WRITES_LIMIT} writes, not {len(writes)}")
        try:
            edits = await self._repos.in_worker(len(writes), _edits, writes)
            applied = await self._repos.apply(did, edits)
        except Exception as error:
            raise _as_pds_error(error) from error
        return CommitResult(tid_text(applied.head.rev), cid_text(Cid(applied.head.commit_cid)))

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Say which records exist. See `tonearm.pds.writer.RepoWriter`."""
        try:
            return await self._db.read(cids_of(did, keys))
        except Exception as error:
            raise _as_pds_error(error) from error

    async def latest_rev(self, did: str) -> str:
        """Say which revision a repository is at. See `tonearm.pds.writer.RepoWriter`."""
        try:
            head = await self._repos.head(did, any_status=True)
        except Exception as error:
            raise _as_pds_error(error) from error
        return tid_text(head.rev)


def _edits(writes: Sequence[RepoWrite]) -> list[Edit]:
    return [_edit(write) for write in writes]


def _edit(write: RepoWrite) -> Edit:
    edit = edit_of_block(write.action, write.collection, write.rkey, write.record)
    if edit.block and cid_text(Cid(edit.cid)) != write.cid:
        raise PdsRefusedError("InvalidRequest", f"the CID of {edit.path} is not that of its bytes")
    return edit


def _as_pds_error(error: Exception) -> Exception:
    """Translate what the host raises. Corruption of our own is passed on as it is, to be seen."""
    if isinstance(error, (PdsError, KeysMissingError)):
        return error
    if isinstance(error, (RecordExistsError, RecordNotFoundError)):
        return PdsUnclearError(str(error))
    if isinstance(error, (RepoBusyError, DatabaseClosedError)):
        return PdsUnavailableError(str(error))
    if isinstance(error, (RepoInactiveError, RepoNotFoundError)):
        return PdsSessionLostError(str(error))
    if isinstance(error, BuiltinPdsError):
        return PdsRefusedError("InvalidRequest", str(error))
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _DATABASE_MODULES:
        return PdsUnclearError(f"the database failed: {error}")
    return error
