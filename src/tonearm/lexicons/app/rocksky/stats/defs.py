# Generated from lexicons/app/rocksky/stats/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.stats.defs`.

Figures on accounts and on the whole server.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.stats.defs"


class GlobalStatsView(models.Object):
    """Figures over all accounts."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#globalStatsView"

    artists: constraints.Int | None = None
    """Number of different artists played."""
    albums: constraints.Int | None = None
    """Number of different albums played."""
    scrobbles: constraints.Int | None = None
    """Number of plays."""
    tracks: constraints.Int | None = None
    """Number of different songs played."""
    users: constraints.Int | None = None
    """Number of accounts."""


class StatsView(models.Object):
    """Figures on one account."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#statsView"

    artists: constraints.Int | None = None
    """Number of different artists played."""
    albums: constraints.Int | None = None
    """Number of different albums played."""
    loved_tracks: constraints.Int | None = Field(default=None, alias="lovedTracks")
    """Number of songs liked."""
    scrobbles: constraints.Int | None = None
    """Number of plays."""
    tracks: constraints.Int | None = None
    """Number of different songs played."""


class WrappedAlbum(models.Object):
    """An album in a year's review."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedAlbum"

    id: str | None = None
    """Identifier of the album in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the album record."""
    title: str | None = None
    """Title of the album."""
    artist: str | None = None
    """Name of the album's artist."""
    album_art: str | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the year."""


class WrappedArtist(models.Object):
    """An artist in a year's review."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedArtist"

    id: str | None = None
    """Identifier of the artist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the artist record."""
    name: str | None = None
    """Name of the artist."""
    picture: str | None = None
    """Address of a picture of the artist."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the year."""


class WrappedDayCount(models.Object):
    """A day with its plays."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedDayCount"

    date: str | None = None
    """The UTC day, `YYYY-MM-DD`."""
    count: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """Number of plays on that day."""


class WrappedGenreCount(models.Object):
    """A genre with its plays."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedGenreCount"

    genre: str | None = None
    """Name of the genre."""
    count: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """Number of plays in the year."""


class WrappedMilestone(models.Object):
    """A play that stands out in the year."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedMilestone"

    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    timestamp: constraints.Datetime | None = None
    """When the play began."""
    artist_name: str | None = Field(default=None, alias="artistName")
    """Name of the artist as credited."""
    track_title: str | None = Field(default=None, alias="trackTitle")
    """Title of the track."""


class WrappedMonthCount(models.Object):
    """A month with its plays."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedMonthCount"

    count: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """Number of plays in that month."""
    month: Annotated[int, constraints.Integer(minimum=1, maximum=12)] | None = None
    """1 (January) to 12."""


class WrappedTrack(models.Object):
    """A song in a year's review."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedTrack"

    id: str | None = None
    """Identifier of the song in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the song record."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    album_art: str | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the year."""


class WrappedView(models.Object):
    """The review of an account's year. All days and hours are in UTC."""

    TYPE: ClassVar[str] = "app.rocksky.stats.defs#wrappedView"

    year: constraints.Int | None = None
    """The year."""
    first_scrobble: WrappedMilestone | None = Field(default=None, alias="firstScrobble")
    """First play of the year."""
    last_scrobble: WrappedMilestone | None = Field(default=None, alias="lastScrobble")
    """Last play of the year."""
    longest_streak: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="longestStreak")
    """Most days in a row with at least one play."""
    most_active_day: WrappedDayCount | None = Field(default=None, alias="mostActiveDay")
    """The day with the most plays."""
    most_active_hour: Annotated[
        int, constraints.Integer(minimum=0, maximum=23)
    ] | None = Field(default=None, alias="mostActiveHour")
    """The hour of the day with the most plays, 0 to 23."""
    new_artists_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="newArtistsCount"
    )
    """Number of artists played for the first time in this year."""
    scrobbles_per_month: list[WrappedMonthCount] | None = Field(default=None, alias="scrobblesPerMonth")
    """Plays of each month, January first."""
    top_albums: list[WrappedAlbum] | None = Field(default=None, alias="topAlbums")
    """The most played albums, most played first."""
    top_artists: list[WrappedArtist] | None = Field(default=None, alias="topArtists")
    """The most played artists, most played first."""
    top_genres: list[WrappedGenreCount] | None = Field(default=None, alias="topGenres")
    """The most played genres, most played first."""
    top_tracks: list[WrappedTrack] | None = Field(default=None, alias="topTracks")
    """The most played songs, most played first."""
    total_listening_time_minutes: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="totalListeningTimeMinutes"
    )
    """Sum of the known lengths of the plays, in minutes."""
    total_scrobbles: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="totalScrobbles")
    """Number of plays."""
