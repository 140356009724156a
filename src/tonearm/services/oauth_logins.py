"""Logging in with an account on any PDS: begun here, agreed to there, finished here.

`begin` answers the address to which the browser is sent; the browser comes back to `/oauth/callback`, whose query goes
to `finish`. In between, the request stands in the database, sealed, under the hash of its `state`. It is good for one
callback, for ten minutes, and only in the browser that began it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tonearm.index.engine import Database
    from tonearm.index.queries.actors import AccountRow


class OAuthLoginError(Exception):
    """A login did not come about, and has left nothing behind. The message says what to do, in words for people.

    Attributes:
        name: for programs, for example `AccessDenied`, `StateUnknown`, `IssuerMismatch`, `SubjectMismatch`,
            `HandleNotFound`, `NotAllowed`, `ServerUnsuitable`, `ServerUnavailable`.
        purpose: what `begin` was given, when the callback belongs to a login that was begun in this browser.
    """

    def __init__(self, name: str, message: str, purpose: Mapping[str, Any] | None = None) -> None:
        """Remember what went wrong, and in what."""
        super().__init__(message)
        self.name = name
        self.purpose = purpose


@dataclass(frozen=True, slots=True)
class FinishedLogin:
    """Somebody has proved who they are, and their PDS lets us write.

    Attributes:
        account: theirs, made now if it is their first login.
        purpose: what `begin` was given.
        first: whether the account was made now.
    """

    account: AccountRow
    purpose: Mapping[str, Any]
    first: bool


@dataclass(frozen=True, slots=True)
class OAuthLogins:
    """Begins and finishes logins."""

    database: Database
    now: Callable[[], float]
    origin: str | None
    """Where the browser has to be when it begins, since the callback comes there: a scheme, a host and perhaps a port.

    It is the public URL, but `http://127.0.0.1:PORT` for `http://localhost:PORT`. None: no login is possible under the
    public URL, and `begin` says why.
    """

    async def begin(
        self, identifier: str, *, binding: str, purpose: Mapping[str, Any], prompt: str | None = None
    ) -> str:
        """Begin a login and answer the URL to send the browser to.

        Args:
            identifier: a handle, a DID, or the URL of a PDS or of an authorization server.
            binding: the value of a random cookie of this browser; `finish` must be given the same one.
            purpose: comes back as it is, for example `{"kind": "page", "return_to": "/"}`.
            prompt: `login`, `consent`, `select_account`, `none` or `create`, for the server; None leaves it to it.

        Raises:
            OAuthLoginError: nothing was begun.
        """
        del identifier, binding, purpose, prompt
        raise OAuthLoginError("OAuthUnavailable", "Logging in with an account elsewhere is not possible yet.")

    async def finish(self, query: Mapping[str, str], *, binding: str) -> FinishedLogin:
        """Finish a login with the query of the callback.

        Raises:
            OAuthLoginError: there is no session afterwards, neither here nor there.
        """
        del query, binding
        raise OAuthLoginError("StateUnknown", "This login was not begun here, or has ended. Begin again.")
