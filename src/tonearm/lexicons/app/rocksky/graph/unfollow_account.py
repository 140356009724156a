# Generated from lexicons/app/rocksky/graph/unfollowAccount.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.unfollowAccount`, a procedure.

Stop following an account. It is no error if it was not followed.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.graph.unfollowAccount"


class Params(models.Params):
    """Parameters."""

    account: constraints.AtIdentifier
    """Whom to stop following: a DID or a handle."""


class Output(models.Output):
    """The output."""

    subject: actor_defs.ProfileViewBasic
    """The account that is no longer followed."""
    followers: list[actor_defs.ProfileViewBasic]
    """Some of its followers, latest first, at most 50."""
    cursor: str | None = None
    """Pass it to `app.rocksky.graph.getFollowers` for more of them. Absent when there are no more."""


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("ActorNotFound",)
)
"""Errors:

ActorNotFound: No account with this DID or handle is known.
"""
