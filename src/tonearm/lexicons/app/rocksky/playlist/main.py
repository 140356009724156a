# Generated from lexicons/app/rocksky/playlist.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.playlist"


class Record(models.Record):
    """A playlist of the account. Its tracks are records of `app.rocksky.playlistItem`."""

    TYPE: ClassVar[str] = NSID

    name: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Name of the playlist."""
    picture: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=2000000)] | None = None
    """Cover, kept in the repository."""
    picture_url: constraints.Uri | None = Field(default=None, alias="pictureUrl")
    """Address of a cover."""
    spotify_link: str | None = Field(default=None, alias="spotifyLink")
    """Address on Spotify."""
    tidal_link: str | None = Field(default=None, alias="tidalLink")
    """Address on Tidal."""
    apple_music_link: str | None = Field(default=None, alias="appleMusicLink")
    """Address on Apple Music."""
    youtube_link: str | None = Field(default=None, alias="youtubeLink")
    """Address on YouTube."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    description: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)] | None = None
    """Text about the playlist."""


KEY: Final = "tid"
