"""Making an app-password session, and rotating it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tonearm.atproto.formats import is_did
from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsRefusedError, PdsUnavailableError
from tonearm.pds.remote.outcome import error_of
from tonearm.pds.remote.session import PdsSession
from tonearm.pds.remote.transport import PdsTransport, pds_base_url

if TYPE_CHECKING:
    from tonearm.outbound import OutboundClient
    from tonearm.pds.remote.transport import Answer

TOKEN_LIMIT = 16_384


async def login(http: OutboundClient, pds_url: str, identifier: str, password: str) -> PdsSession:
    """Exchange an app password for a session; the password is not kept.

    A PDS may claim any DID for the account. Before the session is stored, the caller compares the DID with the one that
    the handle resolves to, and the PDS with the one that the DID document names.

    Args:
        http: the outbound client.
        pds_url: base URL of the PDS.
        identifier: handle, DID, or the e-mail address that the PDS knows.
        password: an app password; the account's own works too, unless it has a second factor.

    Raises:
        PdsRefusedError: named `AuthenticationRequired` (identifier or password are wrong), `AuthFactorTokenRequired`
            (the account needs a code that was mailed: use an app password), `AccountTakedown`, or as the PDS says.
        PdsRateLimitedError: too many attempts.
        PdsUnavailableError: no usable answer.
    """
    base = pds_base_url(pds_url)
    body = json.dumps({"identifier": identifier, "password": password}).encode()
    answer = await PdsTransport(http).post(
        base, nsids.COM_ATPROTO_SERVER_CREATE_SESSION, body, token=None, lost=PdsUnavailableError
    )
    if answer.error and answer.status in (400, 401, 403):
        raise PdsRefusedError(answer.error, answer.message)  # not a lost session: there was none yet
    if answer.status != 200:
        raise error_of(answer, lost=PdsUnavailableError, now=time.time())
    session = session_of(answer, base)
    if session is None or (identifier.startswith("did:") and identifier != session.did):
        raise PdsUnavailableError(f"{base} answered the login with something that is no session of this account")
    return session


def session_of(answer: Answer, pds_url: str) -> PdsSession | None:
    """Read the answer of createSession or refreshSession; None when it brought no session."""
    body: dict[str, Any] = answer.body or {}
    if answer.status != 200:
        return None
    did, handle = body.get("did"), body.get("handle")
    access, refresh = body.get("accessJwt"), body.get("refreshJwt")
    if not (isinstance(did, str) and isinstance(handle, str) and is_did(did)):
        return None
    if not (_is_token(access) and _is_token(refresh)):
        return None
    return PdsSession(did, handle[:253], pds_url, str(access), str(refresh))


def _is_token(value: Any) -> bool:
    # A token goes into a header: printable ASCII without spaces.
    return isinstance(value, str) and 0 < len(value) <= TOKEN_LIMIT and all("!" <= c <= "~" for c in value)
