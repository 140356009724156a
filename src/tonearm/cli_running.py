"""What every command needs: the settings, the services, and errors that a person can mend as one line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from tonearm.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tonearm.core import Core

T = TypeVar("T")

PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="A file that holds the password; - is standard input.")
]


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with 1."""
    typer.echo(f"tonearm: {message}", err=True)
    raise typer.Exit(1)


def read_settings() -> Settings:
    """Read the settings, or say what is wrong with them and exit."""
    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop where it is, and turn the errors that a person can mend into one line."""
    try:
        try:
            import uvloop  # noqa: PLC0415 - absent on Windows
        except ImportError:
            return asyncio.run(main)
        return uvloop.run(main)
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        fail(told)


def _told(error: BaseException) -> str | None:
    """What to say about an error; None when it is a fault of the program, whose traceback is wanted."""
    from tonearm.core import StartError  # noqa: PLC0415 - heavy, and not needed for --help
    from tonearm.identity.secret_box import MasterKeyError  # noqa: PLC0415
    from tonearm.index.migrations import MigrationError  # noqa: PLC0415
    from tonearm.pds.builtin.errors import BuiltinPdsError  # noqa: PLC0415
    from tonearm.pds.errors import PdsError  # noqa: PLC0415
    from tonearm.services.accounts import AccountError  # noqa: PLC0415
    from tonearm.services.credentials.key_rotation import KeyRotationError  # noqa: PLC0415
    from tonearm.services.signing_in.password_logins import PasswordLoginError  # noqa: PLC0415

    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]  # what ended the group of background tasks
    keys = (MasterKeyError, KeyRotationError)
    ours = (StartError, *keys, MigrationError, AccountError, PasswordLoginError, PdsError, BuiltinPdsError)
    if isinstance(error, ours):
        return str(error)
    if isinstance(error, OSError):
        told = error.strerror or str(error) or type(error).__name__
        return told + (f": {error.filename}" if error.filename else "")
    return _told_of_database(error)


def _told_of_database(error: BaseException) -> str | None:
    import sqlite3  # noqa: PLC0415 - imported by now, unless PostgreSQL is used

    if isinstance(error, sqlite3.Error):
        known = getattr(error, "sqlite_errorname", "").startswith(_UNUSABLE)
        return f"the database cannot be used: {error}" if known else None
    if type(error).__module__.startswith("asyncpg") and type(error).__name__ in _UNREACHABLE:
        return f"the database cannot be used: {error}"
    return None


_UNUSABLE = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT")
_UNREACHABLE = frozenset(
    {
        "CannotConnectNowError",
        "ClientConfigurationError",
        "InvalidAuthorizationSpecificationError",
        "InvalidCatalogNameError",
        "InvalidPasswordError",
        "TooManyConnectionsError",
    }
)


def with_core(action: Callable[[Core], Awaitable[T]]) -> T:
    """Open the databases and the services, beside a running server or without one, and do something with them."""
    from tonearm.core import open_core  # noqa: PLC0415 - heavy, and not needed for --help

    async def main() -> T:
        async with open_core(read_settings()) as core:
            return await action(core)

    return run(main())


def password_from(path: Path | None) -> str:
    """The password in a file, on standard input (`-`), or as typed."""
    if path is None:
        return typer.prompt("Password", hide_input=True, err=True)  # type: ignore[no-any-return]
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{path} is no text in UTF-8")
    return text.rstrip("\r\n")
