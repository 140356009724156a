"""Who calls, and what a method demands of the caller.

Every method is registered with an `Access`; there is no default, so a method that nobody thought about cannot be
served. The router asks the application's `Authenticator` before it reads the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller.

    `scopes` are what the credential allows: `read`, `scrobble`, `manage` (our own tokens), `repo` (a session of the
    built-in PDS), `refresh` (a refresh token, good for nothing else). `role` is `none`, `operator` or `administrator`.
    `credential` names the credential (a token's key, a session's key) for logs and revocation; it is no secret.
    """

    did: str
    actor_id: int
    scopes: frozenset[str]
    role: str = "none"
    credential: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What a method demands: a scope and perhaps a role, or nothing (`anonymous`). With none set nobody may call it."""

    anonymous: bool = False
    scope: str | None = None
    role: str | None = None


ANYONE = Access(anonymous=True)
READ = Access(scope="read")
SCROBBLE = Access(scope="scrobble")
MANAGE = Access(scope="manage")
ADMINISTRATOR = Access(scope="manage", role="administrator")
REPO = Access(scope="repo")
REFRESH = Access(scope="refresh")


class Authenticator(Protocol):
    """Turns a request's credentials into a `Principal`.

    Answers None when there are none. Raises `XrpcError` (`AuthenticationRequired`, `InvalidToken`, `ExpiredToken`) when
    there are some and they are not good: a bad credential is never treated as an anonymous call.
    """

    async def __call__(self, request: web.BaseRequest, nsid: str) -> Principal | None:
        """Answer who calls the method `nsid`, which a service token must name."""
        ...
