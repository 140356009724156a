"""Writing to the repository of an account that has moved: blobs go ahead of the records that reference them.

A PDS keeps a blob for some hours until a record references it, and a record may wait for days behind a rate limit. So a
blob is carried over right before the batch that needs it, as often as that is tried; a retry from the owner's queue
does the same.

What the session does not permit to write (OAuth gives us what we asked for: the collections of plays) is refused here,
write by write: the PDS would refuse the whole batch with an answer that looks like a lost session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto import dag_cbor
from tonearm.pds.builtin.repository.records import BLOB_MARK, blob_cids
from tonearm.pds.errors import PdsRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tonearm.identity.oauth.scopes import Scopes
    from tonearm.pds.builtin.repository.leaving import LeavingRepositories
    from tonearm.pds.writer import CommitResult, RepoWrite, RepoWriter

    PermittedScopes = Callable[[str], Awaitable[Scopes | None]]
    """Answers what an account's session permits; None when that is everything, or there is none."""


class BlobTaker(Protocol):
    """What takes blobs for the outside repository."""

    async def upload_blob(self, did: str, media_type: str, content: bytes) -> None:
        """Hand a blob to the account's PDS; raises `PdsError`."""
        ...


@dataclass(frozen=True, slots=True)
class CarryingWriter:
    """`RepoWriter` for an account that had these DIDs before. `granted` are the collections that we always ask for."""

    inner: RepoWriter
    blobs: BlobTaker
    leaving: LeavingRepositories
    scopes: PermittedScopes
    granted: frozenset[str]
    former_dids: tuple[str, ...]

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        """Store all writes in one commit, or none; their blobs before. The contract is that of `RepoWriter`."""
        carried = [cid for write in writes if BLOB_MARK in write.record for cid in _blobs(write)]
        await self._check(did, writes, blobs=bool(carried))
        for cid in dict.fromkeys(carried):
            await self._carry(did, cid)
        return await self.inner.apply_writes(did, writes)

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Say which records exist. The contract is that of `RepoWriter`."""
        return await self.inner.existing(did, keys)

    async def latest_rev(self, did: str) -> str:
        """Say which revision the repository is at. The contract is that of `RepoWriter`."""
        return await self.inner.latest_rev(did)

    async def _check(self, did: str, writes: Sequence[RepoWrite], *, blobs: bool) -> None:
        others = [write for write in writes if write.collection not in self.granted]
        if not others and not blobs:
            return
        scopes = await self.scopes(did)
        if scopes is None:
            return
        told = "log in to your PDS with an app password to let this be written, then retry it; or discard it"
        for write in others:
            if not scopes.allows_repo(write.collection, write.action):
                raise PdsRefusedError("NotPermitted", f"we may not write {write.collection}: {told}")
        if blobs and not scopes.allows_blobs:
            raise PdsRefusedError("NotPermitted", f"we may not upload the file that this record has: {told}")

    async def _carry(self, did: str, cid: str) -> None:
        for former in self.former_dids:
            found = await self.leaving.blob(former, cid)
            if found is not None:
                await self.blobs.upload_blob(did, *found)
                return


def _blobs(write: RepoWrite) -> list[str]:
    return list(blob_cids(dag_cbor.decode(write.record)))
