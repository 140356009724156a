# Generated from lexicons/app/rocksky/graph/followAccount.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.followAccount`, a procedure.

Follow an account. Following it again changes nothing.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.graph.followAccount"


class Params(models.Params):
    """Parameters."""

    account: constraints.AtIdentifier
    """Whom to follow: a DID or a handle."""


class Output(models.Output):
    """The output."""

    subject: actor_defs.ProfileViewBasic
    """The account that was followed."""
    followers: list[actor_defs.ProfileViewBasic]
    """Some of its followers, latest first, at most 50."""
    cursor: str | None = None
    """Pass it to `app.rocksky.graph.getFollowers` for more of them. Absent when there are no more."""


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("ActorNotFound", "CannotFollowSelf")
)
"""Errors:

ActorNotFound: No account with this DID or handle is known.

CannotFollowSelf: An account cannot follow itself.
"""
