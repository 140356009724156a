# Generated from lexicons/app/rocksky/playlistItem.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlistItem`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.lexicons.com.atproto.repo import strong_ref as repo_strong_ref
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.playlistItem"


class Record(models.Record):
    """A track of a playlist."""

    TYPE: ClassVar[str] = NSID

    subject: repo_strong_ref.Main
    """The playlist."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    order: Annotated[int, constraints.Integer(minimum=0)]
    """Place in the playlist, counted from 0."""
    track: song_defs.SongViewBasic
    """The track."""


KEY: Final = "tid"
