# Generated from lexicons/app/rocksky/actor/status.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.status`, a record."""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.actor.status"


class Record(models.Record):
    """What the account is playing at this moment. It ends at `expiresAt` unless it is replaced before."""

    TYPE: ClassVar[str] = NSID

    expires_at: constraints.Datetime | None = Field(default=None, alias="expiresAt")
    """When it should no longer be taken as playing."""
    started_at: constraints.Datetime = Field(alias="startedAt")
    """When it began."""
    track: actor_defs.TrackView
    """The track."""


KEY: Final = "literal:self"
