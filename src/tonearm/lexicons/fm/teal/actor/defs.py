# Generated from lexicons/fm/teal/actor/defs.json by scripts/codegen. Do not edit.
"""`fm.teal.actor.defs`.

The views of accounts that plays refer to.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "fm.teal.actor.defs"


class MiniProfileView(models.Object):
    """An account in few words."""

    TYPE: ClassVar[str] = "fm.teal.actor.defs#miniProfileView"

    did: constraints.Did | None = None
    """DID of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name."""
    handle: constraints.Handle | None = None
    """Handle."""
    avatar: constraints.CidText | None = None
    """CID of the avatar."""


class StatusView(models.Object):
    """What an account is playing."""

    TYPE: ClassVar[str] = "fm.teal.actor.defs#statusView"

    time: constraints.Datetime | None = None
    """When it began."""
    expiry: constraints.Datetime | None = None
    """When it should no longer be taken as playing."""
    item: "feed_defs.PlayView | None" = None
    """What is being played."""


# Last, as these modules import this one.
from tonearm.lexicons.fm.teal.feed import defs as feed_defs
