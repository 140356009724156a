# Generated from lexicons/app/rocksky/graph/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.defs`.

Relations between accounts.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.graph.defs"


class NotFoundActor(models.Object):
    """Stands where an account was asked for that is not known."""

    TYPE: ClassVar[str] = "app.rocksky.graph.defs#notFoundActor"

    actor: constraints.AtIdentifier
    """The DID or handle that was asked for."""
    not_found: bool = Field(alias="notFound")
    """Always true."""


class Relationship(models.Object):
    """How the signed-in account and another are related."""

    TYPE: ClassVar[str] = "app.rocksky.graph.defs#relationship"

    did: constraints.Did
    """DID of the other account."""
    following: constraints.AtUri | None = None
    """AT-URI of the follow record, if the signed-in account follows the other."""
    followed_by: constraints.AtUri | None = Field(default=None, alias="followedBy")
    """AT-URI of the follow record, if the other follows the signed-in account."""
