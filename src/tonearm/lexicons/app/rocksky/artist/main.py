# Generated from lexicons/app/rocksky/artist.json by scripts/codegen. Do not edit.
"""`app.rocksky.artist`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.tonearm import defs as tonearm_defs
from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.artist"


class Record(models.Record):
    """An artist that the account has played. The key is made from the artist's identity, so that an account has one
    record for each.
    """

    TYPE: ClassVar[str] = NSID

    name: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Name of the artist."""
    picture: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=2000000)] | None = None
    """Picture, kept in the repository."""
    picture_url: constraints.Uri | None = Field(default=None, alias="pictureUrl")
    """Address of a picture."""
    tags: list[Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]] | None = None
    """Genres and other tags."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    bio: Annotated[str, constraints.Text(max_bytes=1000)] | None = None
    """Text about the artist."""
    born: constraints.Datetime | None = None
    """Day of birth, as its midnight in UTC."""
    born_in: Annotated[str, constraints.Text(max_bytes=256)] | None = Field(default=None, alias="bornIn")
    """Place of birth."""
    died: constraints.Datetime | None = None
    """Day of death, as its midnight in UTC."""
    tonearm: tonearm_defs.RecordExtension | None = None
    """Our extension: what the play lacked or the lexicon has no place for, so that an index can be rebuilt from the
    repository alone.
    """


KEY: Final = "tid"
