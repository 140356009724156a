# Generated from lexicons/app/rocksky/graph/follow.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.follow`, a record."""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import strong_ref as repo_strong_ref
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.graph.follow"


class Record(models.Record):
    """The account follows another."""

    TYPE: ClassVar[str] = NSID

    subject: constraints.Did
    """DID of the followed account."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    via: repo_strong_ref.Main | None = None
    """Record through which the account was found."""


KEY: Final = "tid"
