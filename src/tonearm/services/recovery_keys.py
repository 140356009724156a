"""Recovery keys: a local account's identity is its owner's, also against this server.

The identity of a local account is a did:plc, whose rotation key this server keeps. A key of the owner's own that stands
before it has more power: for three days it can undo what this server's key has signed, and it can take the identity to
another PDS. The signed change is kept, and submitted when a directory is configured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tonearm.services.accounts import AccountError

if TYPE_CHECKING:
    from tonearm.index.queries.actors import AccountRow


class RecoveryKeyError(AccountError):
    """The key cannot be added or removed. `name` says why for programs: `InvalidKey` or `NotLocal`."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Identities(Protocol):
    """What recovery keys need of the built-in PDS."""

    async def recovery_keys(self, did: str) -> list[str]:
        """The rotation keys of an identity that are not this host's, the most powerful first."""
        ...

    async def add_recovery_key(self, did: str, key: str) -> list[str]:
        """Put a key before all others; raises `ValueError` with what is wrong with it."""
        ...

    async def remove_recovery_key(self, did: str, key: str) -> list[str]:
        """Take a key out; raises `ValueError` when it is none of the owner's."""
        ...


@dataclass(frozen=True, slots=True)
class RecoveryKeys:
    """The recovery keys of local accounts."""

    identities: Identities

    async def keys(self, account: AccountRow) -> list[str]:
        """The account's recovery keys as did:keys, the most powerful first.

        Raises:
            RecoveryKeyError: `NotLocal`.
        """
        return await self.identities.recovery_keys(_local(account))

    async def add(self, account: AccountRow, key: str) -> list[str]:
        """Give a did:key the highest power over the identity; answers all recovery keys.

        Raises:
            RecoveryKeyError: `NotLocal`; `InvalidKey`: no did:key of K-256 or P-256, this server's own, or too many.
        """
        did = _local(account)
        try:
            return await self.identities.add_recovery_key(did, key.strip())
        except ValueError as error:
            raise RecoveryKeyError("InvalidKey", str(error)) from None

    async def remove(self, account: AccountRow, key: str) -> list[str]:
        """Take a key's power away; answers the recovery keys that are left.

        Raises:
            RecoveryKeyError: `NotLocal`; `InvalidKey`: it is none of the account's recovery keys.
        """
        did = _local(account)
        try:
            return await self.identities.remove_recovery_key(did, key.strip())
        except ValueError as error:
            raise RecoveryKeyError("InvalidKey", str(error)) from None


def _local(account: AccountRow) -> str:
    if account.pds_url is not None:
        raise RecoveryKeyError(
            "NotLocal",
            f"the repository of {account.handle} is elsewhere: manage the keys of its identity with its PDS",
        )
    return account.did
