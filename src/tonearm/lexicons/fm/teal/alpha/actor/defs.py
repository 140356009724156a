# Generated from lexicons/fm/teal/alpha/actor/defs.json by scripts/codegen. Do not edit.
"""`fm.teal.alpha.actor.defs`.

The views of accounts that plays refer to.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import models

NSID: Final = "fm.teal.alpha.actor.defs"


class MiniProfileView(models.Object):
    """An account in few words."""

    TYPE: ClassVar[str] = "fm.teal.alpha.actor.defs#miniProfileView"

    did: str | None = None
    """DID of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name."""
    handle: str | None = None
    """Handle."""
    avatar: str | None = None
    """CID of the avatar."""
