"""What the built-in PDS raises, as XRPC errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tonearm.pds.builtin import errors as pds
from tonearm.pds.builtin.account.service_auth import BadExpirationError
from tonearm.pds.builtin.repository.blobs import BlobTooLargeError
from tonearm.xrpc.errors import ErrorTable, XrpcError

if TYPE_CHECKING:
    from collections.abc import Iterator

_INACTIVE = {
    "takendown": "RepoTakendown",
    "suspended": "RepoSuspended",
    "deactivated": "RepoDeactivated",
}


def add_pds_errors(table: ErrorTable) -> None:
    """Add the rows of the built-in PDS to the router's error table."""
    table.add(pds.BuiltinPdsError, lambda error: XrpcError("InvalidRequest", str(error)))
    table.add(pds.InvalidSwapError, lambda error: XrpcError("InvalidSwap", str(error)))
    table.add(pds.RepoBusyError, lambda error: XrpcError("NotEnoughResources", str(error)))
    table.add(pds.SessionError, lambda error: XrpcError(error.name, str(error)))
    table.add(BlobTooLargeError, lambda error: XrpcError("PayloadTooLarge", str(error)))
    table.add(BadExpirationError, lambda error: XrpcError("BadExpiration", str(error)))
    table.add(pds.KeysMissingError, _keys_missing)


def _keys_missing(_error: pds.KeysMissingError) -> XrpcError:
    return XrpcError("InternalServerError", "Internal Server Error")


@contextmanager
def sync_errors() -> Iterator[None]:
    """Name what is wrong with a repository as the methods of `com.atproto.sync` declare it."""
    try:
        yield
    except pds.RepoNotFoundError as error:
        raise XrpcError("RepoNotFound", str(error)) from error
    except pds.RepoInactiveError as error:
        raise XrpcError(_INACTIVE.get(error.status, "RepoNotFound"), str(error)) from error
    except pds.BlobNotFoundError as error:
        raise XrpcError("BlobNotFound", str(error)) from error
    except pds.BlockNotFoundError as error:
        raise XrpcError("BlockNotFound", str(error)) from error


@contextmanager
def login_errors() -> Iterator[None]:
    """Name what is wrong with an account as the methods that open sessions declare it."""
    try:
        yield
    except pds.RepoInactiveError as error:
        raise XrpcError("AccountTakedown", "The account has been taken down", status=401) from error
