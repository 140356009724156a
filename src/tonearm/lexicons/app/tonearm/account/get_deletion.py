# Generated from lexicons/app/tonearm/account/getDeletion.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.getDeletion`, a query.

Ask how far a deletion is. Whoever knows its id may ask.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.account import defs as account_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.account.getDeletion"


class Params(models.Params):
    """Parameters."""

    id: Annotated[str, constraints.Text(max_bytes=64)]
    """Identifier of the deletion."""


class Output(models.Output):
    """The output."""

    deletion: account_defs.DeletionView
    """How far the deletion is."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("DeletionNotFound",))
"""Errors:

DeletionNotFound: There is no such deletion, or it was done more than a week ago.
"""
