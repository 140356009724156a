# Generated from lexicons/app/rocksky/like/dislikeShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.like.dislikeShout`, a procedure.

Take a like of a shout back. It is no error if the shout was not liked.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.like.dislikeShout"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    uri: constraints.AtUri | None = None
    """AT-URI of the shout record."""


Output: TypeAlias = shout_defs.ShoutView

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("ShoutNotFound",))
"""Errors:

ShoutNotFound: No shout with this identifier is known.
"""
