# Generated from lexicons/app/tonearm/journal/getQueue.json by scripts/codegen. Do not edit.
"""`app.tonearm.journal.getQueue`, a query.

List the signed-in account's writes that are not in its repository yet, oldest first. Nothing that was accepted is
dropped without its owner's word; it stands here until it is written or discarded.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.tonearm.journal import defs as journal_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.journal.getQueue"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""
    state: str | None = None
    """Only entries in this state.

    Known values: waiting, retrying, refused, waitingForLogin.
    """


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    entries: list[journal_defs.EntryView]
    """Oldest first."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
