# Generated from lexicons/fm/teal/alpha/actor/status.json by scripts/codegen. Do not edit.
"""`fm.teal.alpha.actor.status`, a record."""

from typing import ClassVar, Final

from tonearm.lexicons.fm.teal.alpha.feed import defs as feed_defs
from tonearm.xrpc import constraints, models

NSID: Final = "fm.teal.alpha.actor.status"


class Record(models.Record):
    """What the account is playing at this moment, for teal.fm, in the alpha collection, which most repositories still
    use.
    """

    TYPE: ClassVar[str] = NSID

    time: constraints.Datetime
    """When it began."""
    expiry: constraints.Datetime | None = None
    """When it should no longer be taken as playing. Without it, ten minutes after `time`."""
    item: feed_defs.PlayView
    """What is being played."""


KEY: Final = "literal:self"
