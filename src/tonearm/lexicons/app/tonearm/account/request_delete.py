# Generated from lexicons/app/tonearm/account/requestDelete.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.requestDelete`, a procedure.

Delete an account and all that is held of it, for good. Its credentials end with this call; the deletion goes on in
the background. Asked again, it answers how far the deletion is.
"""

from typing import Final, Literal

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.account.requestDelete"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    did: constraints.Did
    """DID of the account to be deleted: the caller's own, or another's for an administrator."""
    records: Literal["keep", "delete"]
    """What becomes of the records in a repository elsewhere: `keep` leaves them there, `delete` removes them. The
    records of a local account go with it, so only `delete` is possible.
    """


class Output(models.Output):
    """The output."""

    deletion: account_defs.DeletionView
    """How far the deletion is."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("AccountNotFound", "LastAdministrator", "RecordsNotKept", "LoginNeeded")
)
"""Errors:

AccountNotFound: There is no such account here.

LastAdministrator: Nobody would be left who may give roles: give the role to somebody else first.

RecordsNotKept: The account is a local one, whose repository goes with it: export the records first, or move the
account.

LoginNeeded: The session with the repository's server has ended, so the records there cannot be deleted: log in again
first, or let them be kept.
"""
