# Generated from lexicons/app/rocksky/shout/removeShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout.removeShout`, a procedure.

Delete a shout of the signed-in account.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.shout.removeShout"


class Params(models.Params):
    """Parameters."""

    id: str
    """Identifier or AT-URI of the shout."""


Output: TypeAlias = shout_defs.ShoutView

METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("ShoutNotFound",)
)
"""Errors:

ShoutNotFound: No shout with this identifier is known.
"""
