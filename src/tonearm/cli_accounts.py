"""`tonearm account ...`: making accounts, their roles, what they are in, their end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tonearm.cli_running import PasswordFile, fail, password_from, with_core

if TYPE_CHECKING:
    from tonearm.core import Core
    from tonearm.services.lifecycle import Deletion
    from tonearm.services.moves import MoveView

account_commands = typer.Typer(help="Accounts of this server.", no_args_is_help=True)


@account_commands.command("create")
def create_account(name: str, password_file: PasswordFile = None) -> None:
    """Make a local account with a repository in the built-in PDS. Without a password it is used by tokens alone."""
    password = password_from(password_file) if password_file is not None else None
    account = with_core(lambda core: core.accounts.create_local(core.pds, name, password))
    typer.echo(f"{account.name}: {account.handle} {account.did}")


@account_commands.command("grant")
def grant_role(name: str, role: str) -> None:
    """Give an account a role: none, operator or administrator."""
    with_core(lambda core: core.accounts.grant(name, role))
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
    password = password_from(password_file)

    async def log_in(core: Core) -> str:
        account = await core.password_logins.log_in(handle, password, address=None, pds_url=pds)
        return f"{account.handle} {account.did}"

    typer.echo(with_core(log_in))


@account_commands.command("move")
def move_account(
    name: str,
    handle: Annotated[
        str, typer.Argument(help="Who the account becomes; not needed to go on with a move, or to end it.")
    ] = "",
    pds: Annotated[
        str | None, typer.Option("--pds", help="The URL of the PDS, when it cannot be found by the handle.")
    ] = None,
    password_file: PasswordFile = None,
    pause: Annotated[bool, typer.Option("--pause", help="Let the move rest.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Give the move up, before the identity has changed.")
    ] = False,
    delete_old: Annotated[
        bool, typer.Option("--delete-old", help="Delete the old repository, after the move.")
    ] = False,
) -> None:
    """Make a local account its owner's identity elsewhere, and move its records there. Asks for an app password there.

    Can be stopped and run again; a running server goes on with it.
    """
    password = password_from(password_file) if handle else ""

    async def move(core: Core) -> str:
        account = await core.accounts.named(name)
        if pause or cancel:
            view = await (core.moves.cancel if cancel else core.moves.pause)(account.actor_id)
            return f"the move of {view.from_handle} is {'given up' if cancel else 'at rest'}"
        if delete_old:
            await core.moves.delete_old(account.actor_id)
            return f"the old repository of {account.name} is deleted"
        if handle:
            await core.moves.check_linkable(account.actor_id)
            other = await core.password_logins.log_in(handle, password, address=None, pds_url=pds)
            await core.moves.link(account.actor_id, other)
        return await _see_through(core, account.actor_id)

    typer.echo(with_core(move))


async def _see_through(core: Core, actor_id: int) -> str:
    """Start or go on with a move, here or by the server that works on it, and show how far it is."""
    view = await core.moves.start(actor_id)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(core.move_worker.run()), group.create_task(core.outbox.run())]
        while view.state != "done" and not view.paused and view.state != "cancelled":
            await asyncio.sleep(0.2)
            view = await core.moves.view(actor_id)
            _show_move(view)
        for task in tasks:
            task.cancel()
    if view.state != "done":
        return (
            f"the move is {'at rest' if view.paused else 'given up'}, with {view.copied} of {view.total} records copied"
        )
    refused = f"; {view.refused} were refused and stand in the account's queue" if view.refused else ""
    return (
        f"{view.from_handle} is {view.to_handle} now: {view.copied} of {view.total} records copied, "
        f"{view.passed_over} were there or deleted{refused}"
    )


def _show_move(view: MoveView) -> None:
    if sys.stderr.isatty():
        held = f": {view.message}" if view.message else ""
        sys.stderr.write(f"\r\x1b[K{view.state}: {max(view.copied - view.waiting, 0)} of {view.total} records{held}")
        sys.stderr.flush()


@account_commands.command("list")
def list_accounts() -> None:
    """Print every account: its name, handle, DID, role, state, and where its repository is."""

    async def everybody(core: Core) -> list[str]:
        lines, after = [], 0
        while page := await core.accounts.page(after, 500):
            after = page[-1].actor_id
            lines += [
                f"{each.name}  {each.handle}  {each.did}  {each.role}  {each.state}  {each.pds_url or 'built-in PDS'}"
                for each in page
            ]
        return lines

    for line in with_core(everybody):
        typer.echo(line)


@account_commands.command("deactivate")
def deactivate_account(name: str) -> None:
    """Suspend an account: its credentials are refused and others do not see it; `reactivate` undoes it."""

    async def deactivate(core: Core) -> None:
        await core.lifecycle.deactivate((await core.accounts.named(name)).actor_id, by_administrator=True)

    with_core(deactivate)
    typer.echo(f"{name} is suspended now")


@account_commands.command("reactivate")
def reactivate_account(name: str) -> None:
    """Make an account active again, whoever had deactivated it."""

    async def reactivate(core: Core) -> None:
        await core.lifecycle.reactivate((await core.accounts.named(name)).actor_id, by_administrator=True)

    with_core(reactivate)
    typer.echo(f"{name} is active now")


@account_commands.command("delete")
def delete_account(
    name: str,
    records: Annotated[
        str,
        typer.Option(help="What becomes of the records in a repository elsewhere: keep or delete. Asked without this."),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Delete an account and all that is held of it. Can be stopped and run again; a running server goes on with it."""

    async def look(core: Core) -> tuple[int, str, bool]:
        account = await core.accounts.named(name)
        return account.actor_id, account.handle, account.pds_url is None

    actor_id, handle, local = with_core(look)
    if local and not records:
        typer.echo("This is a local account: its repository, with all of its records, is deleted with it.", err=True)
        records = "delete"
    while records not in {"keep", "delete"}:
        records = typer.prompt("Keep or delete the records in the repository elsewhere? (keep, delete)", err=True)
    if not yes:
        typer.confirm(f"Delete the account {handle} for good?", abort=True, err=True)

    async def delete(core: Core) -> Deletion:
        await core.lifecycle.delete(actor_id, records)
        return await core.lifecycle.deletions.finish(actor_id, _show_deletion)

    deletion = with_core(delete)
    typer.echo(f"{handle} is deleted, with {deletion.done} plays" + (f"; {deletion.note}" if deletion.note else ""))


def _show_deletion(deletion: Deletion) -> None:
    if sys.stderr.isatty():
        note = f": {deletion.note}" if deletion.note else ""
        sys.stderr.write(f"\r\x1b[K{deletion.stage}: {deletion.done} of {deletion.total} plays{note}")
        sys.stderr.flush()


@account_commands.command("export")
def export_account(
    name: str,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file to write; NAME.zip in this folder without it, - is standard output."),
    ] = None,
) -> None:
    """Write everything that is held of an account into a ZIP archive."""
    path = out or Path(f"{name.replace('/', '-')}.zip")

    async def export(core: Core) -> int:
        account = await core.accounts.named(name)
        written = 0
        with sys.stdout.buffer if str(path) == "-" else path.open("xb") as file:
            async for piece in core.lifecycle.export(account.actor_id):
                written += file.write(piece)
        return written

    written = with_core(export)
    if str(path) != "-":
        typer.echo(f"{path}: {written} bytes")


@account_commands.command("recovery-key")
def recovery_key(
    name: str,
    key: Annotated[str, typer.Argument(help="The public key as did:key:...; without it the keys are listed.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the key's power away.")] = False,
) -> None:
    """Give a key of its owner the highest power over a local account's identity, and list such keys."""
    if remove and not key:
        fail("say which key is to be removed")

    async def change(core: Core) -> list[str]:
        account = await core.accounts.named(name)
        if not key:
            return await core.recovery_keys.keys(account)
        if remove:
            return await core.recovery_keys.remove(account, key)
        return await core.recovery_keys.add(account, key)

    for each in with_core(change):
        typer.echo(each)
