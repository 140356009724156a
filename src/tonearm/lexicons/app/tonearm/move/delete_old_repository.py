# Generated from lexicons/app/tonearm/move/deleteOldRepository.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.deleteOldRepository`, a procedure.

Delete the old repository of the signed-in account, whose move is done. Addresses in it are led on for as long as the
account is here.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.move.deleteOldRepository"


class Params(models.Params):
    """No parameters."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("MoveNotFound", "MoveRefused")
)
"""Errors:

MoveNotFound: The signed-in account has no old repository here.

MoveRefused: The move is not done, or records stand in the queue whose files are in the old repository.
"""
