"""The scrobble record as the atproto SDK would have it.

Its generator does not take these lexicons, so the class is written by hand from the pieces that its generated modules are
made of: its record base, its string formats, its blob reference.
"""

from __future__ import annotations

import typing as t

from atproto_client.models import base, string_formats
from atproto_client.models.blob_ref import BlobRef
from pydantic import Field

Name = t.Annotated[str, Field(min_length=1, max_length=256)]

STRICT_FORMATS: t.Final = {"strict_string_format": True}
"""The validation context that makes the SDK check string formats, which it leaves out otherwise."""


class Scrobble(base.RecordModelBase):
    """A scrobble record."""

    title: t.Annotated[str, Field(min_length=1, max_length=512)]
    artist: Name
    album: Name
    album_artist: Name
    duration: t.Annotated[int, Field(ge=1)]
    created_at: string_formats.DateTime
    track_number: t.Annotated[int, Field(ge=1)] | None = None
    disc_number: t.Annotated[int, Field(ge=1)] | None = None
    release_date: string_formats.DateTime | None = None
    year: int | None = None
    genre: t.Annotated[str, Field(max_length=256)] | None = None
    tags: list[Name] | None = None
    composer: t.Annotated[str, Field(max_length=256)] | None = None
    label: t.Annotated[str, Field(max_length=256)] | None = None
    lyrics: t.Annotated[str, Field(max_length=10_000)] | None = None
    copyright_message: t.Annotated[str, Field(max_length=256)] | None = None
    album_art: BlobRef | None = None
    album_art_url: string_formats.Uri | None = None
    spotify_link: string_formats.Uri | None = None
    tidal_link: string_formats.Uri | None = None
    apple_music_link: string_formats.Uri | None = None
    youtube_link: string_formats.Uri | None = None
    mbid: str | None = None
    isrc: t.Annotated[str, Field(max_length=32)] | None = None

    py_type: t.Literal["app.rocksky.scrobble"] = Field(default="app.rocksky.scrobble", alias="$type", frozen=True)
