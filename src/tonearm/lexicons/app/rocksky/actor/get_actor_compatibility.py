# Generated from lexicons/app/rocksky/actor/getActorCompatibility.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.getActorCompatibility`, a query.

Compare the taste of the signed-in account with that of another.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.actor.getActorCompatibility"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier
    """The account: a DID or a handle."""


class Output(models.Output):
    """The output."""

    compatibility: actor_defs.CompatibilityViewBasic | None = None
    """The comparison."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound",))
"""Errors:

ActorNotFound: No account with this DID or handle is known.
"""
