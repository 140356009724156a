# Generated from lexicons/fm/teal/feed/play.json by scripts/codegen. Do not edit.
"""`fm.teal.feed.play`, a record."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.fm.teal.feed import defs as feed_defs
from tonearm.xrpc import constraints, models

NSID: Final = "fm.teal.feed.play"


class Record(models.Record):
    """A play reported to teal.fm, in the newer collection. Mirrored from and never required to be complete."""

    TYPE: ClassVar[str] = NSID

    track_name: Annotated[
        str, constraints.Text(min_bytes=1, max_bytes=256, max_graphemes=2560)
    ] = Field(alias="trackName")
    """Title of the track."""
    track_mb_id: str | None = Field(default=None, alias="trackMbId")
    """MusicBrainz track id, as `mbid:` and the id; in older plays the id alone."""
    recording_mb_id: str | None = Field(default=None, alias="recordingMbId")
    """MusicBrainz recording id, as `mbid:` and the id; in older plays the id alone."""
    duration: constraints.Int | None = None
    """Length of the track in seconds."""
    artist_names: list[
        Annotated[str, constraints.Text(min_bytes=1, max_bytes=256, max_graphemes=2560)]
    ] | None = Field(default=None, alias="artistNames")
    """Names of the artists in order of their credit. `artists` replaces it."""
    artist_mb_ids: list[str] | None = Field(default=None, alias="artistMbIds")
    """MusicBrainz artist ids in the same order. `artists` replaces it."""
    artists: list[feed_defs.Artist] | None = None
    """The credited artists, in order of their credit."""
    release_name: Annotated[
        str, constraints.Text(max_bytes=256, max_graphemes=2560)
    ] | None = Field(default=None, alias="releaseName")
    """Title of the release."""
    release_mb_id: str | None = Field(default=None, alias="releaseMbId")
    """MusicBrainz release id, as `mbid:` and the id; in older plays the id alone."""
    isrc: str | None = None
    """International Standard Recording Code."""
    origin_url: str | None = Field(default=None, alias="originUrl")
    """Address of the track where it was played."""
    music_service_base_domain: str | None = Field(default=None, alias="musicServiceBaseDomain")
    """Domain of the service that played it, such as `spotify.com`; `local` where there is none."""
    submission_client_agent: Annotated[
        str, constraints.Text(max_bytes=256, max_graphemes=2560)
    ] | None = Field(default=None, alias="submissionClientAgent")
    """Who reported the play, like an HTTP user agent: `name/version (system)`."""
    played_time: constraints.Datetime | None = Field(default=None, alias="playedTime")
    """When the play began."""
    track_discriminant: Annotated[
        str, constraints.Text(max_bytes=128, max_graphemes=1280)
    ] | None = Field(default=None, alias="trackDiscriminant")
    """What tells this version of the track from others, such as `Live`."""
    release_discriminant: Annotated[
        str, constraints.Text(max_bytes=128, max_graphemes=1280)
    ] | None = Field(default=None, alias="releaseDiscriminant")
    """What tells this version of the release from others, such as `Deluxe Edition`."""
    origin_uri: constraints.Uri | None = Field(default=None, alias="originUri")
    """Address of the track where it was played; newer name of `originUrl`."""
    music_service_uri: constraints.Uri | None = Field(default=None, alias="musicServiceUri")
    """Address of the service that played it; newer form of `musicServiceBaseDomain`."""


KEY: Final = "tid"
