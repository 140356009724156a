# Generated from lexicons/app/rocksky/shout/reportShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout.reportShout`, a procedure.

Report a shout to the operators of this server.
"""

from typing import Annotated, Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.shout.reportShout"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    reason: Annotated[str, constraints.Text(min_bytes=1)] | None = None
    """What is wrong with it."""
    shout_id: str = Field(alias="shoutId")
    """Identifier or AT-URI of the shout."""


Output: TypeAlias = shout_defs.ShoutView

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("ShoutNotFound",))
"""Errors:

ShoutNotFound: No shout with this identifier is known.
"""
