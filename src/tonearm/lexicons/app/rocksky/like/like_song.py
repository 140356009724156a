# Generated from lexicons/app/rocksky/like/likeSong.json by scripts/codegen. Do not edit.
"""`app.rocksky.like.likeSong`, a procedure.

Like a song. Liking it again changes nothing.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.like.likeSong"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    uri: constraints.AtUri | None = None
    """AT-URI of the song record, or of a scrobble of it."""


Output: TypeAlias = song_defs.SongViewDetailed

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
