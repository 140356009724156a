"""What authorises calls of an account's PDS, whichever kind of session the account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


class PdsAccess(Protocol):
    """The tokens of one account as they are stored now. It is used for a few calls and not kept."""

    @property
    def did(self) -> str:
        """The account."""
        ...

    @property
    def pds_url(self) -> str:
        """Base URL of its PDS, scheme and authority without a path."""
        ...

    def headers(self, method: str, url: str) -> dict[str, str]:
        """What authorises one request: made anew for each, because it may be good for one."""
        ...

    def heard(self, url: str, status: int, headers: Mapping[str, str]) -> bool:
        """Learn from an answer; True when the PDS has not looked at the request and wants it again, authorised anew."""
        ...

    async def renewed(self) -> Self:
        """The same with newer tokens, which are stored already. Asked for when the PDS takes these no more.

        Raises:
            PdsSessionLostError: the session is over, and was dropped; or the account is closed, and it was kept.
            PdsUnavailableError: it could not be renewed now, and was kept.
            PdsRateLimitedError: the PDS said when to come back.
        """
        ...


class AccessSource(Protocol):
    """Keeps one kind of session."""

    async def load(self, did: str) -> PdsAccess | None:
        """What authorises calls for an account; None when it has no session of this kind.

        Raises:
            PdsError: it has one that had to be renewed, as `PdsAccess.renewed`.
        """
        ...
