# Generated from lexicons/app/tonearm/move/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.defs`.

Views of moves.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.tonearm.move.defs"


class MoveView(models.Object):
    """How the move of a local account to an identity elsewhere stands."""

    TYPE: ClassVar[str] = "app.tonearm.move.defs#moveView"

    state: str
    """`linking`: the login at the other side is awaited; `linked`: it can be started; `checking`, `switching`,
    `adopting`, `copying`, `settling`: under way; `done`; `cancelled`.

    Known values: linking, linked, checking, switching, adopting, copying, settling, done, cancelled.
    """
    paused: bool
    """Whether it rests until `startMove`."""
    cancellable: bool
    """Whether nothing has been done that cannot be taken back."""
    from_did: constraints.Did = Field(alias="fromDid")
    """DID of the account before the move."""
    from_handle: constraints.Handle = Field(alias="fromHandle")
    """Handle of the account before the move."""
    to_did: constraints.Did | None = Field(default=None, alias="toDid")
    """DID of the account after the move. Absent while the login is awaited."""
    to_handle: constraints.Handle | None = Field(default=None, alias="toHandle")
    """Handle of the account after the move."""
    pds_url: constraints.Uri | None = Field(default=None, alias="pdsUrl")
    """Server of the repository that the records go to."""
    total: Annotated[int, constraints.Integer(minimum=0)]
    """Records of the old repository."""
    copied: Annotated[int, constraints.Integer(minimum=0)]
    """Records that went to the new repository, or are on their way there."""
    passed_over: Annotated[int, constraints.Integer(minimum=0)] = Field(alias="passedOver")
    """Records that the new repository had already, or that are deleted."""
    waiting: Annotated[int, constraints.Integer(minimum=0)]
    """Copies on their way now, and what came before them."""
    refused: Annotated[int, constraints.Integer(minimum=0)]
    """Copies that the new repository refuses. They stand in the account's queue."""
    reason: str | None = None
    """Name of what holds the move up."""
    message: str | None = None
    """What holds the move up, in words."""
    updated_at: constraints.Datetime = Field(alias="updatedAt")
    """When it last went on."""
