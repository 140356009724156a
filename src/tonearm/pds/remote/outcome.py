"""What an answer of a PDS means: was anything stored, and is it worth asking again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
)
from tonearm.pds.remote.pacing import retry_moment

if TYPE_CHECKING:
    from tonearm.pds.remote.transport import Answer

EXPIRED_TOKEN_ERRORS = frozenset({"ExpiredToken", "InvalidToken"})
"""The reference PDS sends these with status 400, others with 401."""

CLOSED_ACCOUNT_ERRORS = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated"})
"""No token helps; the account's owner has to settle it with the PDS."""

CLOSED_REPO_ERRORS = frozenset({"RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated"})


NONCE_WANTED = "use_dpop_nonce"
"""The PDS wants its nonce in the proof. A request that had it and is answered so again says nothing about its token."""


def is_token_refused(answer: Answer) -> bool:
    """Say whether rotating the session may help."""
    if answer.error in EXPIRED_TOKEN_ERRORS:
        return answer.status in (400, 401)
    return answer.status == 401 and answer.error not in {*CLOSED_ACCOUNT_ERRORS, NONCE_WANTED}


def error_of(answer: Answer, *, lost: type[PdsError], now: float) -> PdsError:
    """Name the error for an answer that is not what was asked for.

    Args:
        answer: any status but 200, or a 200 whose body makes no sense.
        lost: the error for an answer that leaves open whether the request took effect.
        now: seconds since the Unix epoch.

    Source: the XRPC error table; names and statuses as the reference PDS sends them.
    """
    where = f"{answer.nsid} answered {answer.status} {answer.error}".rstrip()
    status = answer.status
    if status == 429:
        return PdsRateLimitedError(retry_moment(answer.headers, now), where)
    if status == 413:
        # Proxies say this without an XRPC body, and it never gets better.
        return PdsRefusedError("PayloadTooLarge", answer.message)
    if status == 503:
        return PdsUnavailableError(where)
    if status == 408 or status < 300 or status >= 500:
        # 502 and 504 come from a proxy that lost the PDS, perhaps after it had stored everything.
        return PdsUnavailableError(where) if answer.error == "MethodNotImplemented" else lost(where)
    if not answer.error:
        # A redirect or a page of some other server at this address. It says nothing about the request.
        return PdsUnavailableError(f"{where}, which is no answer of a PDS")
    return _refusal(answer, where)


def _refusal(answer: Answer, where: str) -> PdsError:
    if answer.error in CLOSED_ACCOUNT_ERRORS or is_token_refused(answer) or answer.status == 403:
        return PdsSessionLostError(f"{where}: {answer.message}")
    if answer.error in ("InvalidSwap", "XRPCNotSupported", NONCE_WANTED) or answer.error in CLOSED_REPO_ERRORS:
        return PdsUnavailableError(f"{where}: {answer.message}")
    return PdsRefusedError(answer.error, answer.message)
