# Generated from lexicons/app/rocksky/like/likeShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.like.likeShout`, a procedure.

Like a shout. Liking it again changes nothing.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.like.likeShout"


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
