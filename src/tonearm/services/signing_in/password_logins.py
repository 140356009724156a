"""Logins by password: of a local account, or an app password of an account whose repository is elsewhere.

One way for the command, `POST /login` and the page. A password is used once and kept nowhere: of a local account it is
compared with its hash, of another it is exchanged at its PDS for a session, which is kept sealed. The PDS is the one
that the DID document names, found from the handle both ways, and it is asked for the DID, so that it can only vouch for
an account of its own. All wrong passwords count against one limit, whichever way they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.atproto.formats import is_at_identifier
from tonearm.identity.resolution import IdentityError
from tonearm.index.queries import actors
from tonearm.pds.errors import PdsError, PdsRateLimitedError, PdsRefusedError
from tonearm.services.accounts import LONGEST_IDENTIFIER, NO_HANDLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tonearm.identity.resolution import Identity, Resolver
    from tonearm.index.engine import Database
    from tonearm.index.queries.actors import AccountRow
    from tonearm.pds.remote.session import PdsSession
    from tonearm.services.accounts import Accounts
    from tonearm.services.outbox import OutboxWriter
    from tonearm.services.repositories import PdsSessions
    from tonearm.services.signing_in.login_policy import LoginPolicy

    OpenSession = Callable[[str, str, str], Awaitable[PdsSession]]
    """Exchanges (URL of the PDS, handle or DID, app password) for a session."""

_MAKE_ONE = "make an app password in your account's settings there, and log in with that"
_TOLD = {
    "AuthenticationRequired": ("WrongPassword", f"the PDS says that the handle or the password is wrong; {_MAKE_ONE}"),
    "AuthFactorTokenRequired": (
        "AuthFactorTokenRequired",
        f"this account has a second factor, so its own password does not do here: {_MAKE_ONE}",
    ),
    "AccountTakedown": ("AccountTakedown", "this account was taken down by its PDS: ask those who run the PDS"),
}
COMMAND = "command"
_IGNORED = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))


class PasswordLoginError(Exception):
    """Nobody was logged in. `name` says why, for programs; the message says what to do, for people."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def cleaned(identifier: str) -> str:
    """A handle, DID or name as people paste it: without `@` in front, spaces and marks that cannot be seen."""
    text = identifier.translate(_IGNORED).strip().removeprefix("at://").removeprefix("@").rstrip("/")
    return text if text.startswith("did:") else text.casefold()


@dataclass(frozen=True, slots=True)
class PasswordLogins:
    """Logs people in by password."""

    database: Database
    accounts: Accounts
    sessions: PdsSessions
    outbox: OutboxWriter
    resolver: Resolver
    policy: LoginPolicy
    open_session: OpenSession

    async def log_in(
        self, identifier: str, password: str, *, address: str | None, pds_url: str | None = None
    ) -> AccountRow:
        """Log somebody in; for an account elsewhere keep the session, and go on with what waited for it.

        Args:
            identifier: handle or DID, or the name of a local account.
            password: the password of a local account, or an app password.
            address: where it comes from; None for the administrator's own command, which is not limited or restricted.
            pds_url: the PDS, when an administrator vouches for it instead of the identity's own document.

        Raises:
            PasswordLoginError: it was refused, or the PDS cannot be asked.
            LoginNotAllowedError: this identity may not log in here.
            TooManyFailuresError: too many wrong passwords for this account or from there.
        """
        name = cleaned(identifier)
        if pds_url is not None:
            session = await self._session(pds_url, name, password)
            return await self._keep(session, session.handle)
        account = await self.database.read(actors.account_named(name))
        remote = account.pds_url is not None if account is not None else is_at_identifier(name)
        if remote:
            return await self._elsewhere(name, account.did if account else name, password, address)
        return await self._local(name, password, address)

    async def is_local(self, identifier: str) -> bool:
        """Whether this is an account whose repository is here."""
        account = await self.database.read(actors.account_named(cleaned(identifier)))
        return account is not None and account.pds_url is None

    async def resolve(self, identifier: str) -> None:
        """Make sure that there is somebody who can log in.

        Raises:
            PasswordLoginError: there is not, or nobody can be asked now.
        """
        name = cleaned(identifier)
        if await self.is_local(name):
            return
        if not is_at_identifier(name):
            raise PasswordLoginError("HandleNotFound", f"{name[:253]} is no handle: write it in full, you.example.com")
        await self._identity(name)

    async def _identity(self, name: str) -> Identity:
        try:
            return await self.resolver.identity(name, fresh=True)
        except IdentityError as error:
            raise PasswordLoginError(error.name, str(error)) from None

    async def _local(self, name: str, password: str, address: str | None) -> AccountRow:
        did = await self.accounts.check_password(name, password, address or COMMAND)
        if did is None:
            hint = ". Log in with your handle, not with an e-mail address" if "@" in name else ""
            raise PasswordLoginError("WrongPassword", "the name or the password is wrong" + hint)
        return await self.accounts.named(did)

    async def _elsewhere(self, name: str, who: str, password: str, address: str | None) -> AccountRow:
        failures = self.accounts.failures
        keys = () if address is None else (f"account {who[:LONGEST_IDENTIFIER]}", f"address {address}")
        failures.attempt(*keys)
        identity = await self._identity(name)
        account = await self.database.read(actors.account_of_did(identity.did))
        if account is not None and account.pds_url is None:  # a local one, by a handle that we did not know
            failures.succeeded(*keys)
            return await self._local(account.did, password, address)
        if address is not None:
            if who != identity.did:
                failures.attempt(f"account {identity.did}")
                keys = (*keys, f"account {identity.did}")
            await self.policy.check(identity)
        if identity.pds_url is None:
            raise PasswordLoginError("NoPds", f"the DID document of {name} names no PDS, so there is nowhere to log in")
        session = await self._session(identity.pds_url, identity.did, password)
        failures.succeeded(*keys)
        return await self._keep(session, identity.handle or (NO_HANDLE if account is None else account.handle))

    async def _session(self, pds_url: str, identifier: str, password: str) -> PdsSession:
        try:
            return await self.open_session(pds_url, identifier, password)
        except PdsRateLimitedError:
            raise PasswordLoginError(
                "PdsRateLimited", f"{pds_url} takes no more logins for now: try again in some minutes"
            ) from None
        except PdsRefusedError as error:
            known = _TOLD.get(error.name)
            raise PasswordLoginError(*(known or ("PdsRefused", f"{pds_url} refused the login: {error}"))) from None
        except PdsError as error:
            raise PasswordLoginError(
                "PdsUnavailable", f"the PDS {pds_url} cannot be asked now ({error}): try again later"
            ) from None

    async def _keep(self, session: PdsSession, handle: str) -> AccountRow:
        account = await self.accounts.add_remote(session.did, handle, session.pds_url)
        await self.sessions.save(session.did, session)
        await self.outbox.resume(account.actor_id)
        return account
