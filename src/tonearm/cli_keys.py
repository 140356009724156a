"""`tonearm keys`: the key that seals secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from tonearm.cli_running import with_core

if TYPE_CHECKING:
    from tonearm.core import Core
    from tonearm.services.credentials.key_rotation import RotationPlan

key_commands = typer.Typer(help="The key that seals secrets.", no_args_is_help=True)


@key_commands.command("rotate")
def rotate_keys() -> None:
    """Put another master key in the place of the present one. Safe beside a running server; can be run again.

    Everything that is sealed is sealed again, and the old key is good until that is done. The new key is that of
    TONEARM_NEW_MASTER_KEY; where the key is in a file, one is made without it, and the file replaced.
    """
    if with_core(_rotate):
        typer.echo("done: the old key opens nothing any more. Keep it with the backups that were made until now")
        return
    typer.echo(
        "Everything is sealed with the new key, and the old one opens it still. Give every server the new key for its "
        "next start (TONEARM_MASTER_KEY, or the file master.key), then run `tonearm keys rotate` with it once more"
    )


@key_commands.command("new-client-key")
def new_client_key() -> None:
    """Make a new key that tells authorization servers who this server is, before its ninety days are over.

    It signs for logins from an hour later on. Sessions that there are stay bound to their keys.
    """
    with_core(_new_client_key)
    typer.echo(
        "made: it is in /jwks.json now, and signs for logins in an hour. Older keys go when no session needs them"
    )


async def _new_client_key(core: Core) -> None:
    await core.oauth_sessions.client_keys.rotate()


async def _rotate(core: Core) -> bool:
    return await core.key_rotation.rotate(_plan(core), _show)


def _plan(core: Core) -> RotationPlan:
    from functools import partial  # noqa: PLC0415 - one use

    from tonearm.identity.master_key import new_master_key, replace_master_key  # noqa: PLC0415 - not for --help
    from tonearm.services.credentials.key_rotation import RotationPlan  # noqa: PLC0415

    settings = core.settings
    in_file = settings.master_key is None
    given = settings.new_master_key
    return RotationPlan(
        new_key=None if given is None else bytes.fromhex(given.get_secret_value()),
        make=new_master_key if in_file else None,
        keep=partial(replace_master_key, settings.master_key_path) if in_file else None,
        everywhere=in_file and settings.index_url.startswith("sqlite:"),
    )


def _show(what: str, done: int, total: int) -> None:
    """Each step on a terminal, the last one of a column elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what}: {done} of {total}" + ("\n" if done == total else ""))
    elif done == total:
        sys.stderr.write(f"{what}: {done} of {total}\n")
    sys.stderr.flush()
