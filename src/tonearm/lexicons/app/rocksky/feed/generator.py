# Generated from lexicons/app/rocksky/feed/generator.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.generator`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.feed.generator"


class Record(models.Record):
    """A feed that a service offers."""

    TYPE: ClassVar[str] = NSID

    did: constraints.Did
    """DID of the service that answers `app.rocksky.feed.getFeedSkeleton`."""
    display_name: Annotated[str, constraints.Text(max_bytes=240, max_graphemes=24)] = Field(alias="displayName")
    """Name of the feed."""
    avatar: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=1000000)] | None = None
    """Image of the feed."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    description: Annotated[str, constraints.Text(max_bytes=3000, max_graphemes=300)] | None = None
    """Text about the feed."""


KEY: Final = "tid"
