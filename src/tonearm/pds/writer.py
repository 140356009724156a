"""The one interface through which a repository is written, wherever it is hosted.

The outbox knows `RepoWriter` alone. The built-in PDS implements it in process, `tonearm.pds.remote` over HTTP, and
both raise the errors of `tonearm.pds.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITES_LIMIT = 200
"""Most writes in one batch. Source: com.atproto.repo.applyWrites as the reference PDS enforces it."""


@dataclass(frozen=True, slots=True)
class RepoWrite:
    """One change of one record.

    Attributes:
        action: `create` needs a free key, `update` and `delete` address the record that is there.
        collection: NSID of the collection.
        rkey: record key, chosen by the caller.
        record: the record as DAG-CBOR; empty for a delete.
        cid: CID of `record` as text; empty for a delete.
    """

    action: Literal["create", "update", "delete"]
    collection: str
    rkey: str
    record: bytes
    cid: str


@dataclass(frozen=True, slots=True)
class CommitResult:
    """The commit that made a batch permanent.

    Attributes:
        rev: the repository's new revision, a TID.
        commit_cid: CID of the commit object as text.
    """

    rev: str
    commit_cid: str


class RepoWriter(Protocol):
    """Writes and looks up records in the repositories of one host, or of many."""

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        """Store all writes in one commit, or none of them.

        Args:
            did: the repository.
            writes: 1 to `WRITES_LIMIT` writes; a key occurs at most once.

        Raises:
            PdsUnavailableError: nothing was stored; retry later.
            PdsUnclearError: the outcome is unknown, or a key was taken; call `existing` before sending again.
            PdsRateLimitedError: nothing was stored; retry at the time it names.
            PdsSessionLostError: nothing was stored; the account needs a login.
            PdsRefusedError: nothing was stored, and the same batch will always be refused.
        """
        ...

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Say which records exist.

        Args:
            did: the repository.
            keys: (collection, rkey) pairs.

        Returns:
            The CID, as text, of each record that exists; absent ones are left out.

        Raises:
            PdsError: as `apply_writes`; an unclear answer means that the question has to be asked again.
        """
        ...

    async def latest_rev(self, did: str) -> str:
        """Say which revision a repository is at. It has all that `existing` told of before.

        Raises:
            PdsError: as `existing`.
        """
        ...
