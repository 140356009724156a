"""Recovery keys of identities: rotation keys of the owner's own, more powerful than this host's.

A key that is added stands before all others, so that for three days it can undo at the directory what this host's key
signs. The signed operation is kept like any other, and a directory gets it in its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto import did_plc
from tonearm.atproto.did_key import DidKeyError, VerifyKey
from tonearm.pds.builtin.account import identities
from tonearm.pds.builtin.errors import RepoNotFoundError
from tonearm.pds.builtin.repository.store import append_events
from tonearm.pds.builtin.stream.frames import identity_event
from tonearm.pds.builtin.times import micros_of_clock, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.atproto.did_key import SigningKey
    from tonearm.index.engine import Database, Work
    from tonearm.pds.builtin.account.identities import Repo
    from tonearm.pds.builtin.account.keys import KeyRing

MOST = did_plc.ROTATION_KEY_LIMIT - 1
"""This host's own key takes one place."""


class RecoveryKeyRefusedError(ValueError):
    """The key cannot be added or removed; the message says what is wrong with it."""


class Recovery:
    """Adds and removes recovery keys."""

    def __init__(
        self, db: Database, keys: KeyRing, *, clock: Callable[[], float], announced: Callable[[str], None]
    ) -> None:
        self._db = db
        self._keys = keys
        self._clock = clock
        self._announced = announced

    async def recovery_keys(self, did: str) -> list[str]:
        """Return the rotation keys of an identity that are not this host's, the most powerful first.

        Raises:
            RepoNotFoundError: the identity is not one of ours.
        """
        own = (await self._keys.rotation_key(did)).did_key()
        return await self._db.read(_of_owner(did, own))

    async def add_recovery_key(self, did: str, key: str) -> list[str]:
        """Put a did:key before all other rotation keys and return the recovery keys. One that is first stays so.

        Raises:
            RecoveryKeyRefusedError: no did:key of K-256 or P-256, one that this host holds, or there are too many.
            RepoNotFoundError: the identity is not one of ours.
        """
        try:
            VerifyKey.from_did_key(key)
        except DidKeyError as error:
            raise RecoveryKeyRefusedError(f"a recovery key is a did:key of K-256 or P-256: {error}") from None
        if key == (await self._keys.signing_key(did)).did_key():
            raise RecoveryKeyRefusedError(
                "that is the key of the repository, which this server holds: make one yourself"
            )
        return await self._change(did, lambda of_owner: [key, *(each for each in of_owner if each != key)], key)

    async def remove_recovery_key(self, did: str, key: str) -> list[str]:
        """Take a recovery key out and return those that are left.

        Raises:
            RecoveryKeyRefusedError: it is none of the owner's.
            RepoNotFoundError: the identity is not one of ours.
        """

        def without(of_owner: list[str]) -> list[str]:
            if key not in of_owner:
                raise RecoveryKeyRefusedError("that is no recovery key of this account")
            return [each for each in of_owner if each != key]

        return await self._change(did, without, None)

    async def _change(self, did: str, edit: Callable[[list[str]], list[str]], new: str | None) -> list[str]:
        own = await self._keys.rotation_key(did)
        if new == own.did_key():
            raise RecoveryKeyRefusedError("that is this server's own key: make one yourself, and keep it elsewhere")
        of_owner = await self._db.write(self._append(did, own, edit))
        self._announced(did)
        return of_owner

    def _append(self, did: str, own: SigningKey, edit: Callable[[list[str]], list[str]]) -> Work[list[str]]:
        repo = yield from _hosted(did)
        last, number = yield from identities.last_operation(repo.repo_id)
        before = [key for key in last["rotationKeys"] if key != own.did_key()]
        of_owner = edit(before)
        if len(of_owner) > MOST:
            raise RecoveryKeyRefusedError(f"an account has at most {MOST} recovery keys: remove one first")
        if of_owner != before:
            rotation_keys = [*of_owner, own.did_key()]
            changed = {**last, "rotationKeys": rotation_keys, "prev": did_plc.operation_cid(last)}
            del changed["sig"]
            yield from identities.add_operation(repo.repo_id, number + 1, did_plc.sign_operation(changed, own))
            event = identity_event(did, repo.handle, rfc3339(self._clock()))
            yield from append_events(repo.repo_id, [event], micros_of_clock(self._clock))
        return of_owner


def _hosted(did: str) -> Work[Repo]:
    repo = yield from identities.repo_named(did)
    if repo.status == "deleted":
        raise RepoNotFoundError(f"Could not find repo: {did}")
    return repo


def _of_owner(did: str, own: str) -> Work[list[str]]:
    repo = yield from _hosted(did)
    last, _ = yield from identities.last_operation(repo.repo_id)
    return [key for key in last["rotationKeys"] if key != own]
