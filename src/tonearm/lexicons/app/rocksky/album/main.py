# Generated from lexicons/app/rocksky/album.json by scripts/codegen. Do not edit.
"""`app.rocksky.album`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.tonearm import defs as tonearm_defs
from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.album"


class Record(models.Record):
    """An album that the account has played. The key is made from the album's identity, so that an account has one
    record for each.
    """

    TYPE: ClassVar[str] = NSID

    title: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Title of the album."""
    artist: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]
    """Name of the album's artist."""
    duration: constraints.Int | None = None
    """Length of the whole album in milliseconds."""
    album_art: Annotated[
        values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=2000000)
    ] | None = Field(default=None, alias="albumArt")
    """Cover image, kept in the repository."""
    album_art_url: constraints.Uri | None = Field(default=None, alias="albumArtUrl")
    """Address of the cover image."""
    release_date: constraints.Datetime | None = Field(default=None, alias="releaseDate")
    """Day of the release, as its midnight in UTC."""
    year: constraints.Int | None = None
    """Year of the release."""
    genre: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Main genre."""
    tags: list[Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]] | None = None
    """Genres and other tags."""
    spotify_link: constraints.Uri | None = Field(default=None, alias="spotifyLink")
    """Address on Spotify."""
    tidal_link: constraints.Uri | None = Field(default=None, alias="tidalLink")
    """Address on Tidal."""
    apple_music_link: constraints.Uri | None = Field(default=None, alias="appleMusicLink")
    """Address on Apple Music."""
    youtube_link: constraints.Uri | None = Field(default=None, alias="youtubeLink")
    """Address on YouTube."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the record was made."""
    tonearm: tonearm_defs.RecordExtension | None = None
    """Our extension: what the play lacked or the lexicon has no place for, so that an index can be rebuilt from the
    repository alone.
    """


KEY: Final = "tid"
