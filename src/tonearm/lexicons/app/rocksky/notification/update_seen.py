# Generated from lexicons/app/rocksky/notification/updateSeen.json by scripts/codegen. Do not edit.
"""`app.rocksky.notification.updateSeen`, a procedure.

Mark notifications of the signed-in account as read.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.notification.updateSeen"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    ids: list[str] | None = None
    """Identifiers of the notifications. Without it, all of them."""


class Output(models.Output):
    """The output."""

    unread_count: constraints.Int = Field(alias="unreadCount")
    """Number of notifications that are still unread."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output)
