# Generated from lexicons/app/tonearm/account/getAccount.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.getAccount`, a query.

Get the caller's account, or, as an administrator, any.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.account.getAccount"


class Params(models.Params):
    """Parameters."""

    account: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Whose account: its name, handle or DID. The caller's own without it; another's for administrators only."""


class Output(models.Output):
    """The output."""

    account: account_defs.AccountView
    """The account as it is now."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("AccountNotFound",))
"""Errors:

AccountNotFound: There is no such account here.
"""
