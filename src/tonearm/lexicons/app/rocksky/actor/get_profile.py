# Generated from lexicons/app/rocksky/actor/getProfile.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.getProfile`, a query.

Get the profile of an account.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.actor.getProfile"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier | None = None
    """The account: a DID or a handle. Without it, the signed-in account."""


Output: TypeAlias = actor_defs.ProfileViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound",))
"""Errors:

ActorNotFound: No account with this DID or handle is known.
"""
