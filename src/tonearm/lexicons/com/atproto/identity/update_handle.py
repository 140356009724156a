# Generated from lexicons/com/atproto/identity/updateHandle.json by scripts/codegen. Do not edit.
"""`com.atproto.identity.updateHandle`, a procedure.

Change the handle of the signed-in account.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.identity.updateHandle"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    handle: constraints.Handle
    """The new handle."""


METHOD: Procedure[Params, Input, None] = Procedure(NSID, Params, Input, None, output_encoding=None)
