# Generated from lexicons/app/tonearm/account/reactivate.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.reactivate`, a procedure.

Make a deactivated account active again. Its owner's credentials are good for this; one that an administrator
suspended only an administrator reactivates.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.account.reactivate"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    account: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Whose account: its name, handle or DID. The caller's own without it; another's for administrators only."""


class Output(models.Output):
    """The output."""

    account: account_defs.AccountView
    """The account as it is now."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("AccountNotFound",))
"""Errors:

AccountNotFound: There is no such account here.
"""
