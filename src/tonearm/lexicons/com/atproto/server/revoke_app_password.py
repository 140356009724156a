# Generated from lexicons/com/atproto/server/revokeAppPassword.json by scripts/codegen. Do not edit.
"""`com.atproto.server.revokeAppPassword`, a procedure.

Revoke an app password and the sessions made with it.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.revokeAppPassword"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    name: str
    """Name of the app password."""


METHOD: Procedure[Params, Input, None] = Procedure(NSID, Params, Input, None, output_encoding=None)
