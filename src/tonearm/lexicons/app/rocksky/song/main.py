# Generated from lexicons/app/rocksky/song.json by scripts/codegen. Do not edit.
"""`app.rocksky.song`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.lexicons.app.tonearm import defs as tonearm_defs
from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.song"


class Record(models.Record):
    """A song that the account has played. The key is made from the song's identity, so that an account has one record
    for each.
    """

    TYPE: ClassVar[str] = NSID

    title: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Title of the track."""
    artist: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]
    """Name of the artist as credited."""
    artists: list[artist_defs.ArtistMbid] | None = None
    """The credited artists one by one, in order of their credit."""
    album_artist: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)] = Field(alias="albumArtist")
    """Name of the album's artist; the track's artist where none is known."""
    album: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]
    """Title of the album; the track's title where no album is known."""
    duration: Annotated[int, constraints.Integer(minimum=1)]
    """Length of the track in milliseconds; 1 where it is unknown."""
    mbid: str | None = None
    """MusicBrainz recording id."""
    isrc: Annotated[str, constraints.Text(max_bytes=32)] | None = None
    """International Standard Recording Code."""
    album_art: Annotated[
        values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=2000000)
    ] | None = Field(default=None, alias="albumArt")
    """Cover image, kept in the repository."""
    album_art_url: constraints.Uri | None = Field(default=None, alias="albumArtUrl")
    """Address of the cover image."""
    track_number: Annotated[int, constraints.Integer(minimum=1)] | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    release_date: constraints.Datetime | None = Field(default=None, alias="releaseDate")
    """Day of the release, as its midnight in UTC."""
    year: constraints.Int | None = None
    """Year of the release."""
    disc_number: Annotated[int, constraints.Integer(minimum=1)] | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    genre: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)] | None = None
    """Main genre."""
    tags: list[Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]] | None = None
    """Genres and other tags."""
    lyrics: Annotated[str, constraints.Text(max_bytes=10000)] | None = None
    """Lyrics as plain text."""
    wiki: Annotated[str, constraints.Text(max_bytes=10000)] | None = None
    """Longer text about the track."""
    composer: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Name of the composer."""
    copyright_message: Annotated[str, constraints.Text(max_bytes=256)] | None = Field(
        default=None, alias="copyrightMessage"
    )
    """Copyright line of the release."""
    label: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Record label."""
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
