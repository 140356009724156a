"""An account's session on its PDS, and where sessions are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


@dataclass(frozen=True, slots=True)
class PdsSession:
    """The two tokens that an app password was exchanged for.

    Attributes:
        did: the account.
        handle: its handle when the session was made or last rotated; for display only.
        pds_url: base URL of the PDS, scheme and authority without a path (`https://pds.example`).
        access_jwt: sent with each call; good for about two hours.
        refresh_jwt: good for one rotation, within about three months.
    """

    did: str
    handle: str
    pds_url: str
    access_jwt: str = field(repr=False)
    refresh_jwt: str = field(repr=False)


class SessionStore(Protocol):
    """Keeps sessions, encrypted, one for each account."""

    async def load(self, did: str) -> PdsSession | None:
        """Answer the account's session as it is stored now, also if another process stored it."""
        ...

    async def save(self, did: str, session: PdsSession) -> None:
        """Store a session in place of the account's last one; durable when this returns."""
        ...

    async def drop(self, did: str) -> None:
        """Forget the account's session. Dropping what is not there is no error."""
        ...

    def locked(self, did: str) -> AbstractAsyncContextManager[None]:
        """Hold off every other task and process that wants this account's lock.

        Held for the length of one request to the PDS, thirty seconds at most. `load`, `save` and `drop` are called
        while it is held and must not wait for it.
        """
        ...
