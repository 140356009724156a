"""Accounts: making them, their roles and passwords.

One account serves every surface. A local account owns a repository in the built-in PDS; an account with a repository
elsewhere is known by a session with that PDS. Nothing that strangers can do gives a role: `grant` does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tonearm.identity import passwords
from tonearm.identity.passwords import FailureLimit
from tonearm.index.queries import account_states, actors
from tonearm.pds.builtin.errors import HandleError
from tonearm.services.identity_hash import MICROS
from tonearm.xrpc.auth import Principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow

ROLES = ("none", "operator", "administrator")
SHORTEST_PASSWORD = 8
LONGEST_IDENTIFIER = 256
"""How much of a name that nobody has is remembered when its password is guessed at."""
NO_HANDLE = "handle.invalid"
"""What stands for the handle of somebody whose handle does not verify. Source: atproto, handle specification."""
SERVICE_SCOPES = frozenset({"read"})
OWN_SERVICE_SCOPES = frozenset({"read", "scrobble"})
ALIKE = 1000
"""How many accounts may have names that make the same handle but for a number."""

_NAME = re.compile(r"[^\s/\\@:]{1,64}\Z")


class AccountError(ValueError):
    """An account cannot be made or changed as asked. The message says what to change."""


class AccountNotFoundError(AccountError):
    """There is no such account here."""


class RoleError(AccountError):
    """There is no such role."""


class LastAdministratorError(AccountError):
    """The last administrator cannot give the role up, be deactivated or deleted: make another one first."""

    def __init__(self) -> None:
        super().__init__("this is the last administrator: give somebody else the role first")


class AccountDeactivatedError(AccountError):
    """The account cannot be used as it is. `state` is `deactivated`, `suspended` or `deleting`."""

    def __init__(self, state: str) -> None:
        super().__init__(_STATE_TOLD[state])
        self.state = state


_STATE_TOLD = {
    "deactivated": "this account is deactivated; its owner can reactivate it",
    "suspended": "this account is suspended; an administrator of this server can reactivate it",
    "deleting": "this account is being deleted",
}


class RepositoryHost(Protocol):
    """What accounts need of the built-in PDS."""

    async def create_repository(self, handle: str) -> str:
        """Make an empty repository for a new identity and answer its DID."""
        ...


@dataclass(slots=True)
class Accounts:
    """The accounts of this server."""

    database: Database
    now: Callable[[], float]
    handle_domain: str
    seen: Callable[[str], None] = lambda _did: None
    """Called with the DID of whoever logs in: their profile is worth a look."""
    failures: FailureLimit = field(init=False)

    def __post_init__(self) -> None:
        self.failures = FailureLimit(self.now)

    async def create_local(
        self, host: RepositoryHost, name: str, password: str | None, *, role: str = "none"
    ) -> AccountRow:
        """Make an account with a repository in the built-in PDS.

        Raises:
            AccountError: the name is taken or not usable, the password too short or too long, the role unknown.
        """
        if not _NAME.match(name) or not name.isprintable():
            raise AccountError(
                "a name has 1 to 64 characters that can be printed, without spaces, slashes, colons and @"
            )
        if password is not None and not SHORTEST_PASSWORD <= len(password) <= passwords.LONGEST:
            raise AccountError(f"a password has {SHORTEST_PASSWORD} to {passwords.LONGEST} characters")
        _check_role(role)
        folded = name.casefold()
        if await self.database.read(actors.account_named(folded)) is not None:
            raise AccountError(f"the name {name} is taken")
        hashed = await passwords.hash_password(password) if password is not None else None
        did, handle = await self._new_repository(host, handle_slug(folded))
        return await self.database.write(self._add(did, handle, folded, role, hashed, None))

    async def add_remote(self, did: str, handle: str, pds_url: str) -> AccountRow:
        """Make, or update, the account of somebody whose repository is elsewhere.

        Raises:
            AccountError: the DID is that of a local account, whose repository is here.
            AccountDeactivatedError: there is one, suspended or being deleted: its owner may not log in.
        """
        account = await self.database.write(self._keep_remote(did, handle, pds_url))
        self.seen(did)
        return account

    def _keep_remote(self, did: str, handle: str, pds_url: str) -> Work[AccountRow]:
        existing = yield from actors.account_of_did(did)
        if existing is not None and existing.pds_url is None:
            raise AccountError(f"{existing.handle} is a local account, with its repository here")
        moved = yield from actors.account_formerly(did)
        if moved is not None:
            raise AccountError(f"the account of {did} has moved to {moved.handle}: log in with that")
        if existing is not None:
            check_login(existing)
            return (yield from self._update_remote(existing, handle, pds_url))
        name = did if handle == NO_HANDLE else handle.casefold()
        if (yield from actors.account_named(name)) is not None:
            name = did  # a name that looks like somebody's handle must not keep them out
        return (yield from self._add(did, handle.lower(), name, "none", None, pds_url))

    def _add(
        self, did: str, handle: str, name: str, role: str, hashed: str | None, pds_url: str | None
    ) -> Work[AccountRow]:
        now = int(self.now() * MICROS)
        if (yield from actors.account_named(name)) is not None:
            raise AccountError(f"the name {name} is taken")
        actor_id = yield from actors.add_actor(did, handle, now)
        yield from actors.add_account(actor_id, name, role, hashed, pds_url, now)
        return (yield from _existing(actor_id))

    def _update_remote(self, account: AccountRow, handle: str, pds_url: str) -> Work[AccountRow]:
        yield from actors.add_actor(account.did, handle.lower(), int(self.now() * MICROS))
        yield from actors.set_pds_url(account.actor_id, pds_url)
        return (yield from _existing(account.actor_id))

    async def _new_repository(self, host: RepositoryHost, slug: str) -> tuple[str, str]:
        """Make a repository under the first handle that is free; answers its DID and the handle.

        A handle can be taken in the host alone, by a repository whose account was never finished.
        """
        for number in range(1, ALIKE + 1):
            handle = f"{slug}{'' if number == 1 else f'-{number}'}.{self.handle_domain}"
            if await self.database.read(_is_taken(handle)):
                continue
            try:
                return await host.create_repository(handle), handle
            except HandleError:
                if number == ALIKE:
                    raise
        raise AccountError(f"there are {ALIKE} handles like {slug}.{self.handle_domain} already: take another name")

    async def named(self, name: str) -> AccountRow:
        """The account with this name, handle or DID.

        Raises:
            AccountNotFoundError: there is none.
        """
        account = await self.database.read(actors.account_named(name.casefold() if ":" not in name else name))
        if account is None:
            raise AccountNotFoundError(f"there is no account {name}")
        return account

    async def page(self, after: int, limit: int) -> list[AccountRow]:
        """So many accounts whose actor ids are above `after`, in that order."""
        return await self.database.read(actors.accounts(after=after, limit=limit))

    async def grant(self, name: str, role: str) -> None:
        """Give an account a role.

        Raises:
            AccountError: no such account or role.
            LastAdministratorError: nobody would be left who may give roles.
        """
        _check_role(role)
        account = await self.named(name)
        await self.database.write(_grant(account.actor_id, role))

    async def session_principal(self, did: str, scopes: frozenset[str], credential: str) -> Principal | None:
        """The caller behind a session of the built-in PDS; None when the account is gone."""
        account = await self.database.read(actors.account_of_did(did))
        if account is None:  # a session that was opened before the account moved stays good
            account = await self.database.read(actors.account_formerly(did))
        if account is None:
            return None
        return principal_of(account, scopes, credential)

    async def service_principal(self, did: str) -> Principal:
        """The caller behind a service token: what their PDS vouches for gives no role, and no account if there is none.

        A caller without an account may read; their `actor_id` is 0 when nothing of theirs is known.
        """
        return await self.database.read(_service_principal(did))

    async def check_password(self, identifier: str, password: str, address: str) -> str | None:
        """The DID of the local account whose name, handle or DID and password these are; `address` is the caller's.

        Every way in by an account's own password comes here, so that there is one limit on guesses.

        Raises:
            TooManyFailuresError: too many wrong passwords for this account, by whatever identifier, or from there.
            AccountDeactivatedError: the password is right, and the account suspended or being deleted.
        """
        account = await self.database.read(actors.account_named(identifier.casefold()))
        who = account.did if account else identifier.casefold()[:LONGEST_IDENTIFIER]
        keys = (f"account {who}", f"address {address}")
        self.failures.attempt(*keys)
        if await passwords.password_matches(account.password_hash if account else None, password) and account:
            self.failures.succeeded(*keys)
            check_login(account)
            return account.did
        return None


def principal_of(account: AccountRow, scopes: frozenset[str], credential: str) -> Principal:
    """The caller who holds a credential of an account. Whether the account may be used, `ActiveAccounts` asks."""
    return Principal(account.did, account.actor_id, scopes, account.role, credential)


def _service_principal(did: str) -> Work[Principal]:
    actor_id = yield from actors.actor_id_of(did)
    account = None if actor_id is None else (yield from actors.account_of(actor_id))
    scopes = SERVICE_SCOPES if account is None else OWN_SERVICE_SCOPES
    return Principal(did, actor_id or 0, scopes, "none", f"service {did}")


def _existing(actor_id: int) -> Work[AccountRow]:
    account = yield from actors.account_of(actor_id)
    if account is None:
        raise LookupError(f"actor {actor_id} has no account")
    return account


def _grant(actor_id: int, role: str) -> Work[None]:
    if role != "administrator" and (yield from account_states.is_last_administrator(actor_id)):
        raise LastAdministratorError
    yield from actors.set_role(actor_id, role)


def _is_taken(handle: str) -> Work[bool]:
    """Whether somebody is found by this handle: as theirs, or as the name of their account."""
    if (yield from actors.actor_named(handle)) is not None:
        return True
    return (yield from actors.account_named(handle)) is not None


def check_login(account: AccountRow) -> None:
    """Refuse a login that nothing could come of. A deactivated account's owner must log in to reactivate it.

    Raises:
        AccountDeactivatedError: the account is suspended or being deleted.
    """
    if account.state not in {"active", "deactivated"}:
        raise AccountDeactivatedError(account.state)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise RoleError(f"a role is one of {', '.join(ROLES)}, not {role}")


def handle_slug(name: str) -> str:
    """The first label of a local account's handle: ASCII letters, digits and hyphens of its name."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:40].strip("-")
    return slug or "listener"
