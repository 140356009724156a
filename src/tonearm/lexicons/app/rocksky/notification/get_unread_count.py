# Generated from lexicons/app/rocksky/notification/getUnreadCount.json by scripts/codegen. Do not edit.
"""`app.rocksky.notification.getUnreadCount`, a query.

Count the unread notifications of the signed-in account.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.notification.getUnreadCount"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    count: constraints.Int
    """Number of unread notifications; 0 when nobody is signed in."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
