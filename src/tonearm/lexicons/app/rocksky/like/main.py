# Generated from lexicons/app/rocksky/like.json by scripts/codegen. Do not edit.
"""`app.rocksky.like`, a record."""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import strong_ref as repo_strong_ref
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.like"


class Record(models.Record):
    """The account likes a song, a scrobble or a shout."""

    TYPE: ClassVar[str] = NSID

    subject: repo_strong_ref.Main
    """What is liked."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""


KEY: Final = "tid"
