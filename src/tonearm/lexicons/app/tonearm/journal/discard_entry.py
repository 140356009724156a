# Generated from lexicons/app/tonearm/journal/discardEntry.json by scripts/codegen. Do not edit.
"""`app.tonearm.journal.discardEntry`, a procedure.

Give an entry up: it is never written, and its play leaves history. The same play is not accepted again from a retry,
a mirror or a re-index.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.journal.discardEntry"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the entry."""


METHOD: Procedure[Params, Input, None] = Procedure(
    NSID, Params, Input, None, output_encoding=None, errors=("EntryNotFound", "EntryNotDiscardable")
)
"""Errors:

EntryNotFound: The signed-in account's queue has no such entry.

EntryNotDiscardable: The entry is being written at this moment, or may already have reached the repository.
"""
