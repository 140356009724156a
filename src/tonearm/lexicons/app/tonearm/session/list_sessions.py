# Generated from lexicons/app/tonearm/session/listSessions.json by scripts/codegen. Do not edit.
"""`app.tonearm.session.listSessions`, a query.

List the signed-in account's open sessions, newest first.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.session import defs as session_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.session.listSessions"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    sessions: list[session_defs.SessionView]
    """Newest first."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
