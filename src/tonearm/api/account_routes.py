"""The table of the XRPC methods that are about accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import account
from tonearm.xrpc.auth import ADMINISTRATOR, ANYONE, MANAGE, READ

if TYPE_CHECKING:
    from tonearm.lexicons.router import Router
    from tonearm.services.accounts import Accounts
    from tonearm.services.lifecycle import Lifecycle
    from tonearm.services.people import People
    from tonearm.services.recovery_keys import RecoveryKeys


def add_account_routes(
    router: Router, *, accounts: Accounts, lifecycle: Lifecycle, people: People, recovery_keys: RecoveryKeys
) -> None:
    """Bind every method that is about accounts."""
    views = account.AccountViews(people, recovery_keys)
    methods = router.app_tonearm_account
    methods.get_account(READ, account.get_account, accounts, views)
    methods.list_accounts(ADMINISTRATOR, account.list_accounts, accounts, views)
    methods.update_role(ADMINISTRATOR, account.update_role, accounts, views)
    methods.deactivate(MANAGE, account.deactivate, accounts, lifecycle, views)
    methods.reactivate(MANAGE, account.reactivate, accounts, lifecycle, views)
    methods.request_delete(MANAGE, account.request_delete, accounts, lifecycle)
    methods.get_deletion(ANYONE, account.get_deletion, lifecycle)
    methods.export(MANAGE, account.export, accounts, lifecycle)
    methods.add_recovery_key(MANAGE, account.add_recovery_key, accounts, recovery_keys)
    methods.remove_recovery_key(MANAGE, account.remove_recovery_key, accounts, recovery_keys)
