# Generated from lexicons/app/rocksky/shout/replyShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout.replyShout`, a procedure.

Answer a shout.
"""

from typing import Annotated, Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.shout.replyShout"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    message: Annotated[str, constraints.Text(min_bytes=1)]
    """The text, at most 1000 bytes."""
    shout_id: str = Field(alias="shoutId")
    """Identifier or AT-URI of the shout that is answered."""
    gif: shout_defs.Gif | None = None
    """Animation to show with it."""
    facets: list[shout_defs.Mention] | None = None
    """The mentions in the text."""


Output: TypeAlias = shout_defs.ShoutView

METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("InvalidShout", "ShoutNotFound")
)
"""Errors:

InvalidShout: The shout has no subject, or neither text nor animation, or too long a text, or a mention outside the
text.

ShoutNotFound: No shout with this identifier is known.
"""
