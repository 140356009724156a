# Generated from lexicons/app/tonearm/journal/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.journal.defs`.

Views of the queue of writes that are on their way to an account's repository.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values

NSID: Final = "app.tonearm.journal.defs"


class EntryView(models.Object):
    """A write that has been accepted here and is not in the account's repository yet."""

    TYPE: ClassVar[str] = "app.tonearm.journal.defs#entryView"

    id: str
    """Identifier of the entry."""
    uri: constraints.AtUri
    """AT-URI that the record has, or will have once it is written."""
    collection: constraints.Nsid
    """NSID of the record's collection."""
    state: str
    """`waiting`: not tried yet; `retrying`: tried without a clear success, and will be tried again by itself;
    `refused`: the repository's server or a check here has refused it, and it needs its owner; `waitingForLogin`: the
    session with the repository's server has ended, and it goes on after the next login.

    Known values: waiting, retrying, refused, waitingForLogin.
    """
    reason: str
    """Why it is not written yet, as a name for programs, such as `PdsUnavailable`. Empty while it waits for its first
    turn.
    """
    message: str
    """The same in words for its owner. May be empty."""
    attempts: Annotated[int, constraints.Integer(minimum=0)]
    """How often writing it has been tried."""
    submitted_at: constraints.Datetime = Field(alias="submittedAt")
    """When it was accepted here."""
    last_tried_at: constraints.Datetime | None = Field(default=None, alias="lastTriedAt")
    """When writing it was last tried. Absent when it never was."""
    source: str
    """What reported the play, such as the name of a protocol, a player or a mirrored service."""
    record: values.UnknownObject | None = None
    """The record as it will be written. Absent when the write is a deletion."""
