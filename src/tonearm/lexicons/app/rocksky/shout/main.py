# Generated from lexicons/app/rocksky/shout.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.shout import defs as shout_defs
from tonearm.lexicons.com.atproto.repo import strong_ref as repo_strong_ref
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.shout"


class Record(models.Record):
    """A text or an animation that the account left on a song, an album, an artist, a scrobble, a profile, or in answer
    to another shout.
    """

    TYPE: ClassVar[str] = NSID

    subject: repo_strong_ref.Main
    """What it was left on."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it was written."""
    facets: list[shout_defs.Mention] | None = None
    """The mentions in the text."""
    gif: shout_defs.Gif | None = None
    """Animation shown with it."""
    message: Annotated[str, constraints.Text(max_bytes=1000)] | None = None
    """The text."""
    parent: repo_strong_ref.Main | None = None
    """The shout that this one answers."""


KEY: Final = "tid"
