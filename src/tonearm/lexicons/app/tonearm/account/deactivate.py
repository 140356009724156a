# Generated from lexicons/app/tonearm/account/deactivate.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.deactivate`, a procedure.

Deactivate the caller's account: its credentials are refused, others do not see it, and plays that wait for its
repository go on waiting. An administrator may suspend another's, which its owner cannot undo.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.account.deactivate"


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


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("AccountNotFound", "LastAdministrator")
)
"""Errors:

AccountNotFound: There is no such account here.

LastAdministrator: Nobody would be left who may give roles: give the role to somebody else first.
"""
