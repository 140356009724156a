"""The identities that live in the built-in PDS, for whoever resolves identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.pds.builtin.errors import RepoNotFoundError

if TYPE_CHECKING:
    from tonearm.pds.builtin.account.accounts import HostAccounts


@dataclass(frozen=True, slots=True)
class LocalIdentities:
    """Implements `tonearm.identity.resolution.LocalIdentities`."""

    accounts: HostAccounts

    async def did_of(self, handle: str) -> str | None:
        """Whose a handle is; None when nobody here has it."""
        repo = await self.accounts.find(handle)
        return repo.did if repo is not None and repo.status not in ("takendown", "deleted") else None

    async def document_of(self, did: str) -> dict[str, Any] | None:
        """The DID document of an identity that lives here."""
        try:
            return await self.accounts.did_document(did)
        except RepoNotFoundError:
            return None
