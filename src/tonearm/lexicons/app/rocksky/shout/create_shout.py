# Generated from lexicons/app/rocksky/shout/createShout.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout.createShout`, a procedure.

Leave a shout on a song, an album, an artist, a scrobble or a profile. It needs a text or an animation.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.shout.createShout"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    uri: str | None = None
    """What to leave it on: AT-URI of a record, or `at://` and a DID or a handle for a profile. A shout without it is
    refused.
    """
    message: Annotated[str, constraints.Text(min_bytes=1)] | None = None
    """The text, at most 1000 bytes."""
    gif: shout_defs.Gif | None = None
    """Animation to show with it."""
    facets: list[shout_defs.Mention] | None = None
    """The mentions in the text."""


Output: TypeAlias = shout_defs.ShoutView

METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("InvalidShout", "ActorNotFound", "RecordNotFound")
)
"""Errors:

InvalidShout: The shout has no subject, or neither text nor animation, or too long a text, or a mention outside the
text.

ActorNotFound: No account with this DID or handle is known.

RecordNotFound: No record with this AT-URI is known.
"""
