"""The command line: `tonearm serve`, and commands that may run beside a running server on the same data folder."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tonearm.cli_accounts import account_commands
from tonearm.cli_keys import key_commands
from tonearm.cli_running import fail, read_settings, run, with_core
from tonearm.settings import PREFIX, Settings, secret_names

if TYPE_CHECKING:
    from tonearm.core import Core

cli = typer.Typer(
    help="A self-hosted scrobble server on the AT Protocol.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
token_commands = typer.Typer(help="API tokens.", no_args_is_help=True)
cli.add_typer(account_commands, name="account")
cli.add_typer(token_commands, name="token")
cli.add_typer(key_commands, name="keys")


@cli.command()
def serve() -> None:
    """Serve until stopped. Settings come from the environment; see `tonearm config`."""
    from tonearm.app import serve as serve_app  # noqa: PLC0415 - heavy, and not needed for --help
    from tonearm.telemetry.logs import set_up_logs  # noqa: PLC0415

    settings = read_settings()
    set_up_logs(settings.log_level, settings.log_format)

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    run(serve_app(settings, announce=announce))


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

    typer.echo(with_core(create))


@cli.command()
def config() -> None:
    """Print the settings as they are, secrets left out."""
    settings = read_settings()
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

    async def work(core: Core) -> int:
        index = Reindex(core.index, core.indexing, core.pds, core.remote)
        accounts = [await core.accounts.named(name) for name in who or ()] or await index.accounts()
        outcomes = await index.run(accounts, progress=_show_progress)
        for outcome in outcomes:
            typer.echo(f"{outcome.account.handle}: {outcome}")
        return sum(outcome.failure is not None for outcome in outcomes)

    if failed := with_core(work):
        fail(f"{failed} of the accounts could not be reindexed; run the command again when their PDS answers")


def _show_progress(what: str, done: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what}: {done} records")
        sys.stderr.flush()


@cli.command()
def doctor() -> None:
    """Check configuration, database, PDS and queue, and say what to do about what is wrong."""
    from tonearm.services.doctor import examine  # noqa: PLC0415 - heavy, and not needed for --help

    async def work(core: Core) -> bool:
        healthy = True
        looked_at = (core.index, core.pds_database, core.pds, core.key_rotation)
        for finding in await examine(*looked_at, url=core.settings.url):
            typer.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.what}: {finding.told}")
            healthy = healthy and finding.good
        return healthy

    typer.echo(f"ok   configuration: data in {read_settings().data_dir}, served at {read_settings().url}")
    if not with_core(work):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    cli()
