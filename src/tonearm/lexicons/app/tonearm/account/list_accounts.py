# Generated from lexicons/app/tonearm/account/listAccounts.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.listAccounts`, a query.

List the accounts of this server, the oldest first. For administrators.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.account.listAccounts"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 100 is taken as 100."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    accounts: list[account_defs.AccountView]
    """The oldest first."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
