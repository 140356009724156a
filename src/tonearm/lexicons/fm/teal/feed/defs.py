# Generated from lexicons/fm/teal/feed/defs.json by scripts/codegen. Do not edit.
"""`fm.teal.feed.defs`.

Shared definitions of teal.fm plays.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "fm.teal.feed.defs"


class Artist(models.Object):
    """One credited artist."""

    TYPE: ClassVar[str] = "fm.teal.feed.defs#artist"

    artist_name: Annotated[
        str, constraints.Text(min_bytes=1, max_bytes=256, max_graphemes=2560)
    ] = Field(alias="artistName")
    """Name of the artist."""
    artist_mb_id: str | None = Field(default=None, alias="artistMbId")
    """MusicBrainz artist id, as `mbid:` and the id; in older plays the id alone."""


class PlayView(models.Object):
    """A play as it is shown."""

    TYPE: ClassVar[str] = "fm.teal.feed.defs#playView"

    uri: constraints.AtUri | None = None
    """AT-URI of the play record."""
    cid: str | None = None
    """CID of the play record."""
    author_did: constraints.Did | None = Field(default=None, alias="authorDid")
    """DID of the listener."""
    author: "actor_defs.MiniProfileView | None" = None
    """The listener."""
    rkey: str | None = None
    """Record key of the play record."""
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
    artists: list[Artist]
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
    origin_uri: constraints.Uri | None = Field(default=None, alias="originUri")
    """Address of the track where it was played; newer name of `originUrl`."""
    music_service_uri: constraints.Uri | None = Field(default=None, alias="musicServiceUri")
    """Address of the service that played it; newer form of `musicServiceBaseDomain`."""


# Last, as these modules import this one.
from tonearm.lexicons.fm.teal.actor import defs as actor_defs
