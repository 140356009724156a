# Generated from lexicons/app/rocksky/radio.json by scripts/codegen. Do not edit.
"""`app.rocksky.radio`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.radio"


class Record(models.Record):
    """A radio station that the account keeps."""

    TYPE: ClassVar[str] = NSID

    name: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Name of the station."""
    genre: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)] | None = None
    """What it plays."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    description: Annotated[str, constraints.Text(min_bytes=1, max_bytes=1000)] | None = None
    """Text about the station."""
    logo: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=2000000)] | None = None
    """Logo, kept in the repository."""
    url: constraints.Uri
    """Address of the audio stream."""
    website: constraints.Uri | None = None
    """Address of its web site."""


KEY: Final = "tid"
