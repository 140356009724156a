# Generated from lexicons/app/tonearm/account/updateRole.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.updateRole`, a procedure.

Give an account a role. For administrators. Nobody gets a role in any other way.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.account.updateRole"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    account: Annotated[str, constraints.Text(max_bytes=256)]
    """Whose account: its name, handle or DID."""
    role: Annotated[str, constraints.Text(max_bytes=64)]
    """The role.

    Known values: none, operator, administrator.
    """


class Output(models.Output):
    """The output."""

    account: account_defs.AccountView
    """The account as it is now."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("AccountNotFound", "InvalidRole", "LastAdministrator")
)
"""Errors:

AccountNotFound: There is no such account here.

InvalidRole: There is no such role.

LastAdministrator: Nobody would be left who may give roles: give the role to somebody else first.
"""
