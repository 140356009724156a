"""The one table from domain errors to XRPC errors. Lexicons declare the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

from tonearm.identity.passwords import TooManyFailuresError
from tonearm.services.accounts import (
    AccountDeactivatedError,
    AccountError,
    AccountNotFoundError,
    LastAdministratorError,
    RoleError,
)
from tonearm.services.credentials.logins import RefreshRefusedError
from tonearm.services.credentials.player_keys import PlayerKeyNameError, PlayerKeyNotFoundError
from tonearm.services.history import ActorNotFoundError, InvalidCursorError, InvalidFilterError, RecordNotFoundError
from tonearm.services.journal_queue import (
    DuplicateScrobbleError,
    EntryNotDiscardableError,
    EntryNotEditableError,
    EntryNotFoundError,
    EntryNotRetryableError,
)
from tonearm.services.lifecycle import DeletionError
from tonearm.services.moves import MoveNotCancellableError, MoveNotFoundError, MoveRefusedError
from tonearm.services.recovery_keys import RecoveryKeyError
from tonearm.services.signing_in.login_policy import LoginNotAllowedError
from tonearm.services.signing_in.password_logins import PasswordLoginError
from tonearm.services.submission import InvalidScrobbleError, TimestampOutOfRangeError
from tonearm.xrpc.errors import ErrorTable, XrpcError

NAMES: dict[type[Exception], str] = {
    ActorNotFoundError: "ActorNotFound",
    RecordNotFoundError: "RecordNotFound",
    InvalidCursorError: "InvalidCursor",
    InvalidFilterError: "InvalidFilter",
    InvalidScrobbleError: "InvalidScrobble",
    TimestampOutOfRangeError: "TimestampOutOfRange",
    EntryNotFoundError: "EntryNotFound",
    EntryNotRetryableError: "EntryNotRetryable",
    EntryNotDiscardableError: "EntryNotDiscardable",
    EntryNotEditableError: "EntryNotEditable",
    DuplicateScrobbleError: "DuplicateScrobble",
    AccountNotFoundError: "AccountNotFound",
    LastAdministratorError: "LastAdministrator",
    RoleError: "InvalidRole",
    PlayerKeyNotFoundError: "ApiKeyNotFound",
    PlayerKeyNameError: "InvalidName",
    RefreshRefusedError: "RefreshRefused",
    LoginNotAllowedError: "LoginNotAllowed",
    MoveNotFoundError: "MoveNotFound",
    MoveRefusedError: "MoveRefused",
    MoveNotCancellableError: "MoveNotCancellable",
}


def _named(name: str) -> Callable[[Exception], XrpcError]:
    return lambda error: XrpcError(name, str(error))


def _login_refused(error: PasswordLoginError) -> XrpcError:
    return XrpcError("AuthenticationRequired" if error.name == "WrongPassword" else "LoginRefused", str(error))


def error_table() -> ErrorTable:
    """The table, for the router."""
    table = ErrorTable()
    for kind, name in NAMES.items():
        table.add(kind, _named(name))
    table.add(AccountError, _named("InvalidRequest"))
    table.add(DeletionError, lambda error: XrpcError(error.name, str(error)))
    table.add(RecoveryKeyError, lambda error: XrpcError(error.name, str(error)))
    table.add(PasswordLoginError, _login_refused)
    table.add(AccountDeactivatedError, lambda error: XrpcError("AccountDeactivated", str(error), status=401))
    table.add(
        TooManyFailuresError,
        lambda error: XrpcError(
            "RateLimitExceeded", str(error), headers={"Retry-After": str(int(error.retry_after_s) + 1)}
        ),
    )
    return table
