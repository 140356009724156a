# Generated from lexicons/app/rocksky/notification/listNotifications.json by scripts/codegen. Do not edit.
"""`app.rocksky.notification.listNotifications`, a query.

List the notifications of the signed-in account, newest first.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.notification import defs as notification_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.notification.listNotifications"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1)] = 30
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    notifications: list[notification_defs.NotificationView]
    """Newest first."""
    unread_count: constraints.Int = Field(alias="unreadCount")
    """Number of unread notifications in all."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
