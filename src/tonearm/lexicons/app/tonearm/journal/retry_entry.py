# Generated from lexicons/app/tonearm/journal/retryEntry.json by scripts/codegen. Do not edit.
"""`app.tonearm.journal.retryEntry`, a procedure.

Try an entry again now, also one that was refused.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.journal import defs as journal_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.journal.retryEntry"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the entry."""


class Output(models.Output):
    """The output."""

    entry: journal_defs.EntryView
    """The entry, waiting again."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("EntryNotFound", "EntryNotRetryable")
)
"""Errors:

EntryNotFound: The signed-in account's queue has no such entry.

EntryNotRetryable: The entry is being written at this moment, or cannot be written without an edit or a login.
"""
