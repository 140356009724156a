"""The command line: `tonearm serve`, and commands that may run beside a running server on the same data folder."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from tonearm.settings import PREFIX, Settings, SettingsError, load_settings, secret_names

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tonearm.core import Core

T = TypeVar("T")

cli = typer.Typer(
    help="A self-hosted scrobble server on the AT Protocol.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
account_commands = typer.Typer(help="Accounts of this server.", no_args_is_help=True)
token_commands = typer.Typer(help="API tokens.", no_args_is_help=True)
cli.add_typer(account_commands, name="account")
cli.add_typer(token_commands, name="token")

PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="A file that holds the password; - is standard input.")
]


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with 1."""
    typer.echo(f"tonearm: {message}", err=True)
    raise typer.Exit(1)


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error))


def _run(main: Coroutine[Any, Any, T]) -> T:
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
    from tonearm.services.password_logins import PasswordLoginError  # noqa: PLC0415

    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]  # what ended the group of background tasks
    ours = (StartError, MasterKeyError, MigrationError, AccountError, PasswordLoginError, PdsError, BuiltinPdsError)
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


def _with_core(action: Callable[[Core], Awaitable[T]]) -> T:
    from tonearm.core import open_core  # noqa: PLC0415 - heavy, and not needed for --help

    async def main() -> T:
        async with open_core(_settings()) as core:
            return await action(core)

    return _run(main())


@cli.command()
def serve() -> None:
    """Serve until stopped. Settings come from the environment; see `tonearm config`."""
    from tonearm.app import serve as serve_app  # noqa: PLC0415 - heavy, and not needed for --help
    from tonearm.telemetry.logs import set_up_logs  # noqa: PLC0415

    settings = _settings()
    set_up_logs(settings.log_level, settings.log_format)

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    _run(serve_app(settings, announce=announce))


@account_commands.command("create")
def create_account(name: str, password_file: PasswordFile = None) -> None:
    """Make a local account with a repository in the built-in PDS. Without a password it is used by tokens alone."""
    password = _password(password_file) if password_file is not None else None
    account = _with_core(lambda core: core.accounts.create_local(core.pds, name, password))
    typer.echo(f"{account.name}: {account.handle} {account.did}")


@account_commands.command("grant")
def grant_role(name: str, role: str) -> None:
    """Give an account a role: none, operator or administrator."""
    _with_core(lambda core: core.accounts.grant(name, role))
    typer.echo(f"{name} is {role} now" if role != "none" else f"{name} has no role now")


@account_commands.command("login")
def login_account(
    handle: str,
    pds: Annotated[
        str | None, typer.Option("--pds", help="The URL of the PDS, when it cannot be found by the handle.")
    ] = None,
    password_file: PasswordFile = None,
) -> None:
    """Add, or log in again, an account whose repository is on a PDS elsewhere, with an app password.

    The password is used once and not kept; the session that it opens is, encrypted.
    """
    password = _password(password_file)

    async def log_in(core: Core) -> str:
        account = await core.password_logins.log_in(handle, password, address=None, pds_url=pds)
        return f"{account.handle} {account.did}"

    typer.echo(_with_core(log_in))


@token_commands.command("create")
def create_token(
    name: str,
    label: Annotated[str, typer.Option("--name", help="What you will know the token by.")],
    scopes: Annotated[str, typer.Option(help="What it allows: some of read,scrobble,manage.")] = "read,scrobble,manage",
    days: Annotated[float | None, typer.Option(help="After how many days it expires; never without this.")] = None,
) -> None:
    """Make an API token for an account. The token alone is printed, this once."""
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    lives_s = None if days is None else days * 86_400

    async def create(core: Core) -> str:
        account = await core.accounts.named(name)
        return await core.api_tokens.create(account.actor_id, label, wanted, lives_s=lives_s)

    typer.echo(_with_core(create))


@cli.command()
def config() -> None:
    """Print the settings as they are, secrets left out."""
    settings = _settings()
    secret = set(secret_names())
    rows = [
        (PREFIX + name.upper(), _shown(settings, name, secret=name in secret), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, description in rows:
        typer.echo(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {description}")


def _shown(settings: Settings, name: str, *, secret: bool) -> str:
    from urllib.parse import urlsplit  # noqa: PLC0415 - one use

    value = getattr(settings, name)
    if secret:
        return "(unset)" if value is None else "(set)"
    text = str(value)
    if "://" in text:
        text = re.sub(r"(?i)(password=)[^&]*", r"\1***", text)
        if urlsplit(text).password:
            parts = urlsplit(text)
            text = parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}").geturl()
    return text or "(unset)"


@cli.command()
def reindex(
    who: Annotated[list[str] | None, typer.Argument(help="Accounts, by name, handle or DID; all without any.")] = None,
) -> None:
    """Rebuild the index from the repositories. Safe beside a running server; can be stopped and run again."""
    from tonearm.services.reindex import Reindex  # noqa: PLC0415 - heavy, and not needed for --help

    async def run(core: Core) -> int:
        work = Reindex(core.index, core.indexing, core.pds, core.remote)
        accounts = [await core.accounts.named(name) for name in who or ()] or await work.accounts()
        outcomes = await work.run(accounts, progress=_show_progress)
        for outcome in outcomes:
            typer.echo(f"{outcome.account.handle}: {outcome}")
        return sum(outcome.failure is not None for outcome in outcomes)

    if failed := _with_core(run):
        fail(f"{failed} of the accounts could not be reindexed; run the command again when their PDS answers")


def _show_progress(what: str, done: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what}: {done} records")
        sys.stderr.flush()


@cli.command()
def doctor() -> None:
    """Check configuration, database, PDS and queue, and say what to do about what is wrong."""
    from tonearm.services.doctor import examine  # noqa: PLC0415 - heavy, and not needed for --help

    async def run(core: Core) -> bool:
        healthy = True
        for finding in await examine(core.index, core.pds_database, core.pds, url=core.settings.url):
            typer.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.what}: {finding.told}")
            healthy = healthy and finding.good
        return healthy

    typer.echo(f"ok   configuration: data in {_settings().data_dir}, served at {_settings().url}")
    if not _with_core(run):
        raise typer.Exit(1)


def _password(path: Path | None) -> str:
    if path is None:
        return typer.prompt("Password", hide_input=True, err=True)  # type: ignore[no-any-return]
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{path} is no text in UTF-8")
    return text.rstrip("\r\n")


def main() -> None:
    """Run the command line."""
    cli()
