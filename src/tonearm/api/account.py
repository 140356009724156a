"""`app.tonearm.account.*`: accounts of this server, what they are in, and their end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tonearm.lexicons.app.tonearm import account as lex
from tonearm.services.accounts import AccountNotFoundError
from tonearm.services.history import InvalidCursorError
from tonearm.services.identity_hash import MICROS
from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.method import BinaryOutput

if TYPE_CHECKING:
    from tonearm.index.queries.actors import AccountRow
    from tonearm.services.accounts import Accounts
    from tonearm.services.lifecycle import Deletion, Lifecycle
    from tonearm.services.people import People
    from tonearm.services.recovery_keys import RecoveryKeys
    from tonearm.xrpc.auth import Principal
    from tonearm.xrpc.method import ProcedureCall, QueryCall

ZIP = "application/zip"
MOST = 100
_CURSOR = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class AccountViews:
    """Accounts as answers show them."""

    people: People
    recovery_keys: RecoveryKeys

    async def view(self, account: AccountRow) -> lex.defs.AccountView:
        """One account."""
        actor = await self.people.actor(account.actor_id)
        return lex.defs.AccountView(
            did=account.did,
            handle=account.handle,
            name=account.name,
            display_name=actor.display_name,
            avatar=actor.avatar_url,
            role=account.role,
            state=account.state,
            local=account.pds_url is None,
            pds=account.pds_url,
            created_at=_text(datetime.fromtimestamp(account.created_at / MICROS, UTC)),
            recovery_keys=await self.recovery_keys.keys(account) if account.pds_url is None else None,
        )


async def get_account(
    call: QueryCall[lex.get_account.Params], accounts: Accounts, views: AccountViews
) -> lex.get_account.Output:
    """The caller's account, or one that an administrator asks for."""
    account = await _whose(call.caller, call.params.account, accounts)
    return lex.get_account.Output(account=await views.view(account))


async def list_accounts(
    call: QueryCall[lex.list_accounts.Params], accounts: Accounts, views: AccountViews
) -> lex.list_accounts.Output:
    """All accounts, a page at a time."""
    params = call.params
    if params.cursor is not None and not _CURSOR.fullmatch(params.cursor):
        raise InvalidCursorError("the cursor is not one that this method gave; begin again without it")
    limit = min(params.limit, MOST)
    page = await accounts.page(int(params.cursor or 0), limit + 1)
    shown = page[:limit]
    cursor = str(shown[-1].actor_id) if len(page) > limit else None
    return lex.list_accounts.Output(accounts=[await views.view(account) for account in shown], cursor=cursor)


async def update_role(
    call: ProcedureCall[lex.update_role.Params, lex.update_role.Input], accounts: Accounts, views: AccountViews
) -> lex.update_role.Output:
    """Give an account a role."""
    await accounts.grant(call.input.account, call.input.role)
    return lex.update_role.Output(account=await views.view(await accounts.named(call.input.account)))


async def deactivate(
    call: ProcedureCall[lex.deactivate.Params, lex.deactivate.Input],
    accounts: Accounts,
    lifecycle: Lifecycle,
    views: AccountViews,
) -> lex.deactivate.Output:
    """Deactivate the caller's account, or suspend another's."""
    account = await _whose(call.caller, call.input.account, accounts)
    await lifecycle.deactivate(account.actor_id, by_administrator=account.actor_id != call.caller.actor_id)
    return lex.deactivate.Output(account=await views.view(await accounts.named(account.did)))


async def reactivate(
    call: ProcedureCall[lex.reactivate.Params, lex.reactivate.Input],
    accounts: Accounts,
    lifecycle: Lifecycle,
    views: AccountViews,
) -> lex.reactivate.Output:
    """Make an account active again."""
    account = await _whose(call.caller, call.input.account, accounts)
    await lifecycle.reactivate(account.actor_id, by_administrator=account.actor_id != call.caller.actor_id)
    return lex.reactivate.Output(account=await views.view(await accounts.named(account.did)))


async def request_delete(
    call: ProcedureCall[lex.request_delete.Params, lex.request_delete.Input],
    accounts: Accounts,
    lifecycle: Lifecycle,
) -> lex.request_delete.Output:
    """Begin to delete an account."""
    account = await _whose(call.caller, call.input.did, accounts)
    deletion = await lifecycle.delete(account.actor_id, call.input.records)
    return lex.request_delete.Output(deletion=_deletion(deletion))


async def get_deletion(call: QueryCall[lex.get_deletion.Params], lifecycle: Lifecycle) -> lex.get_deletion.Output:
    """How far a deletion is."""
    deletion = await lifecycle.deletion(call.params.id)
    if deletion is None:
        raise XrpcError("DeletionNotFound", "there is no such deletion, or it was done more than a week ago")
    return lex.get_deletion.Output(deletion=_deletion(deletion))


async def export(call: QueryCall[lex.export.Params], accounts: Accounts, lifecycle: Lifecycle) -> BinaryOutput:
    """All that is held of an account."""
    account = await _whose(call.caller, call.params.account, accounts)
    name = f'attachment; filename="tonearm-{re.sub(r"[^a-z0-9.-]", "-", account.handle)}.zip"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return BinaryOutput(ZIP, lifecycle.export(account.actor_id), headers)


async def add_recovery_key(
    call: ProcedureCall[lex.add_recovery_key.Params, lex.add_recovery_key.Input],
    accounts: Accounts,
    recovery_keys: RecoveryKeys,
) -> lex.add_recovery_key.Output:
    """Give a key the highest power over the caller's identity."""
    keys = await recovery_keys.add(await accounts.named(call.caller.did), call.input.key)
    return lex.add_recovery_key.Output(recovery_keys=keys)


async def remove_recovery_key(
    call: ProcedureCall[lex.remove_recovery_key.Params, lex.remove_recovery_key.Input],
    accounts: Accounts,
    recovery_keys: RecoveryKeys,
) -> lex.remove_recovery_key.Output:
    """Take a key's power away."""
    keys = await recovery_keys.remove(await accounts.named(call.caller.did), call.input.key)
    return lex.remove_recovery_key.Output(recovery_keys=keys)


async def _whose(caller: Principal, named: str | None, accounts: Accounts) -> AccountRow:
    """The account that is meant; another's is for administrators, and nobody else learns whether there is one."""
    if named is None:
        return await accounts.named(caller.did)
    try:
        account = await accounts.named(named)
    except AccountNotFoundError:
        if caller.role == "administrator":
            raise
        account = None
    if account is None or (account.actor_id != caller.actor_id and caller.role != "administrator"):
        raise XrpcError("Forbidden", "Only administrators may do this with another's account")
    return account


def _deletion(deletion: Deletion) -> lex.defs.DeletionView:
    return lex.defs.DeletionView(
        id=deletion.deletion_id,
        records=deletion.records,
        stage=deletion.stage,
        done=deletion.done,
        total=deletion.total,
        note=deletion.note,
        asked_at=_text(deletion.asked_at),
        finished_at=None if deletion.finished_at is None else _text(deletion.finished_at),
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
