"""`com.atproto.server.*`: sessions, app passwords and service tokens of the built-in PDS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api.com_atproto_errors import login_errors
from tonearm.lexicons import nsids
from tonearm.lexicons.com.atproto import server as lex
from tonearm.pds.builtin.times import rfc3339
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from tonearm.pds.builtin.account.accounts import HostAccounts
    from tonearm.pds.builtin.account.service_auth import ServiceAuth
    from tonearm.pds.builtin.account.sessions import Sessions
    from tonearm.pds.builtin.host import BuiltinPds
    from tonearm.xrpc.method import ProcedureCall, QueryCall

    AddressOf = Callable[[web.BaseRequest], str]

_MICROS = 1_000_000
_PRIVILEGED = "chat.bsky."
"""Methods below it are for an account's own password, and for app passwords made for them."""
_PROTECTED = tuple(
    nsid.rpartition(".")[0] + "."
    for nsid in (nsids.COM_ATPROTO_SERVER_CREATE_SESSION, nsids.COM_ATPROTO_IDENTITY_UPDATE_HANDLE)
)
"""Methods below these manage the account where it lives; no other service may be asked for them."""


async def describe_server(call: QueryCall[lex.describe_server.Params], pds: BuiltinPds) -> lex.describe_server.Output:
    """Say what this host is and offers."""
    del call
    return lex.describe_server.Output(
        did=pds.service_did,
        available_user_domains=[f".{domain}" for domain in pds.accounts.handle_domains],
        blob_upload_limit=pds.blobs.limit_bytes,
        phone_verification_required=False,
    )


async def create_session(
    call: ProcedureCall[lex.create_session.Params, lex.create_session.Input],
    sessions: Sessions,
    accounts: HostAccounts,
    address_of: AddressOf,
) -> lex.create_session.Output:
    """Log in with the account's password or an app password."""
    with login_errors():
        login = await sessions.open(call.input.identifier, call.input.password, address_of(call.request))
    repo = login.repo
    return lex.create_session.Output(
        access_jwt=login.access_jwt,
        refresh_jwt=login.refresh_jwt,
        handle=repo.handle,
        did=repo.did,
        did_doc=await accounts.did_document(repo.did),
        active=repo.status == "active",
        status=None if repo.status == "active" else repo.status,
    )


async def refresh_session(
    call: ProcedureCall[lex.refresh_session.Params, None], sessions: Sessions, accounts: HostAccounts
) -> lex.refresh_session.Output:
    """Exchange the refresh token for the next pair of tokens."""
    with login_errors():
        login = await sessions.renew(_bearer(call.request))
    repo = login.repo
    return lex.refresh_session.Output(
        access_jwt=login.access_jwt,
        refresh_jwt=login.refresh_jwt,
        handle=repo.handle,
        did=repo.did,
        did_doc=await accounts.did_document(repo.did),
        active=repo.status == "active",
        status=None if repo.status == "active" else repo.status,
    )


async def get_session(call: QueryCall[lex.get_session.Params], accounts: HostAccounts) -> lex.get_session.Output:
    """Say whose session this is."""
    repo = await accounts.named(call.caller.did)
    return lex.get_session.Output(
        handle=repo.handle,
        did=repo.did,
        did_doc=await accounts.did_document(repo.did),
        active=repo.status == "active",
        status=None if repo.status == "active" else repo.status,
    )


async def delete_session(call: ProcedureCall[lex.delete_session.Params, None], sessions: Sessions) -> None:
    """End the session of the refresh token."""
    await sessions.close(_bearer(call.request))


async def create_app_password(
    call: ProcedureCall[lex.create_app_password.Params, lex.create_app_password.Input],
    sessions: Sessions,
    accounts: HostAccounts,
) -> lex.create_app_password.Output:
    """Make an app password and show it this once."""
    repo = await accounts.named(call.caller.did)
    made, password = await sessions.app_passwords.create(
        repo, call.input.name, sessions.now_micros(), privileged=bool(call.input.privileged)
    )
    return lex.create_app_password.AppPassword(
        name=made.name,
        password=password,
        created_at=rfc3339(made.created_at / _MICROS),
        privileged=made.privileged,
    )


async def list_app_passwords(
    call: QueryCall[lex.list_app_passwords.Params], sessions: Sessions, accounts: HostAccounts
) -> lex.list_app_passwords.Output:
    """List app passwords without their secrets."""
    passwords = await sessions.app_passwords.all_of(await accounts.named(call.caller.did))
    return lex.list_app_passwords.Output(
        passwords=[
            lex.list_app_passwords.AppPassword(
                name=item.name, created_at=rfc3339(item.created_at / _MICROS), privileged=item.privileged
            )
            for item in passwords
        ]
    )


async def revoke_app_password(
    call: ProcedureCall[lex.revoke_app_password.Params, lex.revoke_app_password.Input],
    sessions: Sessions,
    accounts: HostAccounts,
) -> None:
    """Drop an app password and the sessions that it opened."""
    await sessions.revoke_app_password(await accounts.named(call.caller.did), call.input.name)


async def get_service_auth(
    call: QueryCall[lex.get_service_auth.Params], service_auth: ServiceAuth
) -> lex.get_service_auth.Output:
    """Make a token with which the account calls another service."""
    asked, method = call.params, call.params.lxm or ""
    if method.startswith(_PROTECTED) and method != nsids.COM_ATPROTO_SERVER_CREATE_ACCOUNT:
        raise XrpcError("InvalidRequest", f"no service may be asked for {method}: it manages the account itself")
    needs_privilege = method.startswith(_PRIVILEGED) or method == nsids.COM_ATPROTO_SERVER_CREATE_ACCOUNT
    if needs_privilege and "privileged" not in call.caller.scopes:
        raise XrpcError("InvalidRequest", f"this session may not ask for a token for {method}")
    token = await service_auth.token(call.caller.did, asked.aud, asked.lxm, asked.exp)
    return lex.get_service_auth.Output(token=token)


def _bearer(request: web.BaseRequest) -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()
