# Generated from lexicons/app/tonearm/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.defs`.

Shared definitions of Tonearm's own lexicons.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.tonearm.defs"


class FullText(models.Object):
    """The whole of each text field that was cut to fit. In the record, the field holds as many whole grapheme clusters
    as fit.
    """

    TYPE: ClassVar[str] = "app.tonearm.defs#fullText"

    title: str | None = None
    """Title of the track or album."""
    artist: str | None = None
    """Name of the artist as credited."""
    album: str | None = None
    """Title of the album."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    name: str | None = None
    """Name of the artist, in an artist record."""
    composer: str | None = None
    """Name of the composer."""
    label: str | None = None
    """Record label."""
    copyright_message: str | None = Field(default=None, alias="copyrightMessage")
    """Copyright line of the release."""
    lyrics: str | None = None
    """Lyrics as plain text."""


class RecordExtension(models.Object):
    """What Tonearm adds to a record of another lexicon, in its property `tonearm`. Readers that do not know it may
    ignore it.
    """

    TYPE: ClassVar[str] = "app.tonearm.defs#recordExtension"

    assumed: Annotated[
        list[Annotated[str, constraints.Text(max_bytes=64)]], constraints.Items(maximum=32)
    ] | None = None
    """Names of the record's own fields that the play did not have and that were filled in because the lexicon requires
    them. A reader should take them as unknown.
    """
    full: FullText | None = None
    """Text that was longer than the record's lexicon allows, uncut."""
    lastfm_link: constraints.Uri | None = Field(default=None, alias="lastfmLink")
    """Address of the track on Last.fm."""
    deezer_link: constraints.Uri | None = Field(default=None, alias="deezerLink")
    """Address of the track on Deezer."""
    artist_picture: constraints.Uri | None = Field(default=None, alias="artistPicture")
    """Address of a picture of the artist."""


class ArtistCredit(models.Object):
    """One credited artist of a submitted play."""

    TYPE: ClassVar[str] = "app.tonearm.defs#artistCredit"
    NULLABLE: ClassVar[frozenset[str]] = frozenset({"mbid"})

    name: str
    """Name of the artist."""
    mbid: str | None = None
    """MusicBrainz artist id."""
