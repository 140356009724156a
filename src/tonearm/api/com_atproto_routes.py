"""The table of the built-in PDS's XRPC methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import com_atproto_identity as identity
from tonearm.api import com_atproto_repo as repo
from tonearm.api import com_atproto_server as server
from tonearm.api import com_atproto_sync as sync
from tonearm.xrpc.auth import ANYONE, REFRESH, REPO, Access

if TYPE_CHECKING:
    from tonearm.api.com_atproto_server import AddressOf
    from tonearm.lexicons.router import Router
    from tonearm.pds.builtin.host import BuiltinPds

ACCOUNT = Access(scope="account")
"""A session opened with the account's own password."""


def add_pds_routes(router: Router, pds: BuiltinPds, address_of: AddressOf) -> None:
    """Bind every method that the built-in PDS serves; `address_of` answers the client's address of a request."""
    _add_repo_routes(router, pds)
    _add_server_routes(router, pds, address_of)
    _add_sync_routes(router, pds)
    router.com_atproto_identity.resolve_handle(ANYONE, identity.resolve_handle, pds.accounts)
    router.com_atproto_identity.update_handle(ACCOUNT, identity.update_handle, pds.accounts)


def _add_repo_routes(router: Router, pds: BuiltinPds) -> None:
    methods = router.com_atproto_repo
    methods.create_record(REPO, repo.create_record, pds.repos, pds.accounts)
    methods.put_record(REPO, repo.put_record, pds.repos, pds.accounts)
    methods.delete_record(REPO, repo.delete_record, pds.repos, pds.accounts)
    methods.apply_writes(REPO, repo.apply_writes, pds.repos, pds.accounts)
    methods.upload_blob(REPO, repo.upload_blob, pds.blobs)
    methods.get_record(ANYONE, repo.get_record, pds.reader)
    methods.list_records(ANYONE, repo.list_records, pds.reader)
    methods.describe_repo(ANYONE, repo.describe_repo, pds.reader, pds.accounts)


def _add_server_routes(router: Router, pds: BuiltinPds, address_of: AddressOf) -> None:
    methods = router.com_atproto_server
    methods.describe_server(ANYONE, server.describe_server, pds)
    methods.create_session(ANYONE, server.create_session, pds.sessions, pds.accounts, address_of)
    methods.refresh_session(REFRESH, server.refresh_session, pds.sessions, pds.accounts)
    methods.delete_session(REFRESH, server.delete_session, pds.sessions)
    methods.get_session(REPO, server.get_session, pds.accounts)
    methods.create_app_password(ACCOUNT, server.create_app_password, pds.sessions, pds.accounts)
    methods.list_app_passwords(ACCOUNT, server.list_app_passwords, pds.sessions, pds.accounts)
    methods.revoke_app_password(ACCOUNT, server.revoke_app_password, pds.sessions, pds.accounts)
    methods.get_service_auth(REPO, server.get_service_auth, pds.service_auth)


def _add_sync_routes(router: Router, pds: BuiltinPds) -> None:
    methods = router.com_atproto_sync
    methods.get_repo(ANYONE, sync.get_repo, pds.exporter)
    methods.get_record(ANYONE, sync.get_record, pds.reader)
    methods.get_blocks(ANYONE, sync.get_blocks, pds.reader)
    methods.get_latest_commit(ANYONE, sync.get_latest_commit, pds.reader)
    methods.get_repo_status(ANYONE, sync.get_repo_status, pds.reader)
    methods.list_repos(ANYONE, sync.list_repos, pds.reader)
    methods.get_blob(ANYONE, sync.get_blob, pds.blobs)
    methods.list_blobs(ANYONE, sync.list_blobs, pds.blobs)
    methods.subscribe_repos(ANYONE, sync.subscribe_repos, pds.events)
