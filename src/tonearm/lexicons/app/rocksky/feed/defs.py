# Generated from lexicons/app/rocksky/feed/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.defs`.

Views of feeds, stories, recommendations and search results.
"""

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.lexicons.app.rocksky.album import defs as album_defs
from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.lexicons.app.rocksky.playlist import defs as playlist_defs
from tonearm.lexicons.app.rocksky.scrobble import defs as scrobble_defs
from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models, values

NSID: Final = "app.rocksky.feed.defs"


class FeedGeneratorView(models.Object):
    """A feed that can be read with `app.rocksky.feed.getFeed`."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#feedGeneratorView"

    id: str | None = None
    """Identifier of the feed in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the feed generator record."""
    avatar: constraints.Uri | None = None
    """Address of the feed's image."""
    name: str | None = None
    """Name of the feed."""
    creator: actor_defs.ProfileViewBasic | None = None
    """Account that publishes the feed."""
    description: str | None = None
    """Text about the feed."""


class FeedGeneratorsView(models.Object):
    """A list of feeds."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#feedGeneratorsView"

    feeds: list[FeedGeneratorView] | None = None
    """The feeds."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


class FeedItemView(models.Object):
    """One entry of a feed."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#feedItemView"

    scrobble: scrobble_defs.ScrobbleViewBasic | None = None
    """The scrobble."""


class FeedUriView(models.Object):
    """A feed that a feed generator offers."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#feedUriView"

    uri: constraints.AtUri | None = None
    """AT-URI of the feed generator record."""


class FeedView(models.Object):
    """A page of a feed."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#feedView"

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    feed: list[FeedItemView] | None = None
    """The entries, in the order that the feed gives them."""


class RecommendationView(models.Object):
    """A song recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendationView"

    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album: str | None = None
    """Title of the album."""
    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    genres: list[str] | None = None
    """Genres."""
    likes_count: constraints.Int | None = Field(default=None, alias="likesCount")
    """How many accounts like the song."""
    recommendation_score: constraints.Int | None = Field(default=None, alias="recommendationScore")
    """Strength of the recommendation; higher is stronger. Comparable within one answer only."""
    source: str | None = None
    """How the recommendation was found, for instance `known-artist`."""


class RecommendationsView(models.Object):
    """Songs recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendationsView"

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    recommendations: list[RecommendationView] | None = None
    """The songs, strongest first."""


class RecommendedAlbumView(models.Object):
    """An album recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendedAlbumView"

    id: str | None = None
    """Identifier of the album in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the album record."""
    title: str | None = None
    """Title of the album."""
    artist: str | None = None
    """Name of the album's artist."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    year: constraints.Int | None = None
    """Year of the release."""
    recommendation_score: constraints.Int | None = Field(default=None, alias="recommendationScore")
    """Strength of the recommendation; higher is stronger. Comparable within one answer only."""
    source: str | None = None
    """How the recommendation was found, for instance `known-artist`."""


class RecommendedAlbumsView(models.Object):
    """Albums recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendedAlbumsView"

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    albums: list[RecommendedAlbumView] | None = None
    """The albums, strongest first."""


class RecommendedArtistView(models.Object):
    """An artist recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendedArtistView"

    id: str | None = None
    """Identifier of the artist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the artist record."""
    name: str | None = None
    """Name of the artist."""
    picture: constraints.Uri | None = None
    """Address of a picture of the artist."""
    genres: list[str] | None = None
    """Genres."""
    recommendation_score: constraints.Int | None = Field(default=None, alias="recommendationScore")
    """Strength of the recommendation; higher is stronger. Comparable within one answer only."""
    source: str | None = None
    """How the recommendation was found, for instance `known-artist`."""


class RecommendedArtistsView(models.Object):
    """Artists recommended to an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#recommendedArtistsView"

    artists: list[RecommendedArtistView] | None = None
    """The artists, strongest first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


class SearchResultsView(models.Object):
    """A page of search results of all kinds."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#searchResultsView"

    limit: constraints.Int | None = None
    """Most results that this page could hold."""
    offset: constraints.Int | None = None
    """How many results come before this page."""
    estimated_total_hits: constraints.Int | None = Field(default=None, alias="estimatedTotalHits")
    """About how many results there are in all."""
    hits: list[
        Annotated[
            song_defs.SongViewBasic
            | album_defs.AlbumViewBasic
            | artist_defs.ArtistViewBasic
            | playlist_defs.PlaylistViewBasic
            | actor_defs.ProfileViewBasic
            | dict[str, Any],
            values.OpenUnion(
                "app.rocksky.song.defs#songViewBasic",
                "app.rocksky.album.defs#albumViewBasic",
                "app.rocksky.artist.defs#artistViewBasic",
                "app.rocksky.playlist.defs#playlistViewBasic",
                "app.rocksky.actor.defs#profileViewBasic",
            )
        ]
    ] | None = None
    """The results, best first. `$type` tells their kind."""
    processing_time_ms: constraints.Int | None = Field(default=None, alias="processingTimeMs")
    """How long the search took, in milliseconds."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


class StoryView(models.Object):
    """The latest play of an account."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#storyView"

    id: str | None = None
    """Identifier of the song in the index; the same as `trackId`."""
    uri: constraints.AtUri | None = None
    """AT-URI of the scrobble record."""
    did: constraints.AtIdentifier | None = None
    """DID of the listener."""
    handle: str | None = None
    """Handle of the listener."""
    avatar: constraints.Uri | None = None
    """Address of the listener's avatar."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    album: str | None = None
    """Title of the album."""
    track_id: str | None = Field(default=None, alias="trackId")
    """Identifier of the song in the index."""
    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    created_at: str | None = Field(default=None, alias="createdAt")
    """When the play began."""
    liked: bool | None = None
    """Whether the caller likes the song. False when nobody is signed in."""
    likes_count: constraints.Int | None = Field(default=None, alias="likesCount")
    """How many accounts like the song."""


class StoriesView(models.Object):
    """The latest play of each of several accounts."""

    TYPE: ClassVar[str] = "app.rocksky.feed.defs#storiesView"

    stories: list[StoryView] | None = None
    """One play for each account, newest first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
