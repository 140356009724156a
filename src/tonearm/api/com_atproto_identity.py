"""`com.atproto.identity.*`: handles of the built-in PDS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons.com.atproto import identity as lex
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from tonearm.pds.builtin.account.accounts import HostAccounts
    from tonearm.xrpc.method import ProcedureCall, QueryCall


async def resolve_handle(
    call: QueryCall[lex.resolve_handle.Params], accounts: HostAccounts
) -> lex.resolve_handle.Output:
    """Say whose a handle of this host is."""
    repo = await accounts.find(call.params.handle)
    if repo is None or repo.status in ("takendown", "deleted"):
        raise XrpcError("HandleNotFound", "no account here has this handle")
    return lex.resolve_handle.Output(did=repo.did)


async def update_handle(
    call: ProcedureCall[lex.update_handle.Params, lex.update_handle.Input], accounts: HostAccounts
) -> None:
    """Give the account another handle."""
    await accounts.rename(call.caller.did, call.input.handle)
