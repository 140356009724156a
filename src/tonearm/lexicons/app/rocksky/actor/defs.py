# Generated from lexicons/app/rocksky/actor/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.defs`.

Views of accounts.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.actor.defs"


class ArtistViewBasic(models.Object):
    """An artist that two accounts share, with its rank for each."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#artistViewBasic"

    id: str | None = None
    """Identifier of the artist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the artist record."""
    name: str | None = None
    """Name of the artist."""
    picture: constraints.Uri | None = None
    """Address of a picture of the artist."""
    user1_rank: constraints.Int | None = Field(default=None, alias="user1Rank")
    """Rank among the artists of the signed-in account, 1 is the most played."""
    user2_rank: constraints.Int | None = Field(default=None, alias="user2Rank")
    """Rank among the artists of the other account."""
    weight: constraints.Int | None = None
    """How strongly it counts for both; higher is stronger."""


class CompatibilityViewBasic(models.Object):
    """How alike two accounts' tastes are."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#compatibilityViewBasic"

    compatibility_level: constraints.Int | None = Field(default=None, alias="compatibilityLevel")
    """0 (nothing in common) to 10."""
    compatibility_percentage: constraints.Int | None = Field(default=None, alias="compatibilityPercentage")
    """Shared artists in percent of all artists of both, 0 to 100."""
    shared_artists: constraints.Int | None = Field(default=None, alias="sharedArtists")
    """Number of artists that both have played."""
    top_shared_artist_names: list[str] | None = Field(default=None, alias="topSharedArtistNames")
    """Names of the artists that matter most to both, strongest first."""
    top_shared_detailed_artists: list[ArtistViewBasic] | None = Field(default=None, alias="topSharedDetailedArtists")
    """The same artists with their ranks, strongest first."""
    user1_artist_count: constraints.Int | None = Field(default=None, alias="user1ArtistCount")
    """Number of artists that the signed-in account has played."""
    user2_artist_count: constraints.Int | None = Field(default=None, alias="user2ArtistCount")
    """Number of artists that the other account has played."""


class NeighbourViewBasic(models.Object):
    """An account with similar taste."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#neighbourViewBasic"

    did: str | None = None
    """DID of the account."""
    handle: str | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""
    user_id: str | None = Field(default=None, alias="userId")
    """Identifier of the account in the index."""
    shared_artists_count: constraints.Int | None = Field(default=None, alias="sharedArtistsCount")
    """Number of artists that both have played."""
    similarity_score: constraints.Int | None = Field(default=None, alias="similarityScore")
    """Likeness in percent, 0 to 100."""
    top_shared_artist_names: list[str] | None = Field(default=None, alias="topSharedArtistNames")
    """Names of the artists that matter most to both, strongest first."""
    top_shared_artists_details: list[artist_defs.ArtistViewBasic] | None = Field(
        default=None, alias="topSharedArtistsDetails"
    )
    """The same artists in the same order."""


class ProfileViewBasic(models.Object):
    """An account as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#profileViewBasic"

    id: str | None = None
    """Identifier of the account in the index."""
    did: str | None = None
    """DID of the account."""
    handle: str | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the account was first seen here."""
    updated_at: constraints.Datetime | None = Field(default=None, alias="updatedAt")
    """When its profile last changed here."""


class ProfileViewDetailed(models.Object):
    """An account's profile."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#profileViewDetailed"

    id: str | None = None
    """Identifier of the account in the index."""
    did: str | None = None
    """DID of the account."""
    handle: str | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the account was first seen here."""
    updated_at: constraints.Datetime | None = Field(default=None, alias="updatedAt")
    """When its profile last changed here."""


class TrackView(models.Object):
    """A track that is being played."""

    TYPE: ClassVar[str] = "app.rocksky.actor.defs#trackView"

    name: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    """Title of the track."""
    artist: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)]
    """Name of the artist as credited."""
    album: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Title of the album."""
    duration_ms: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="durationMs")
    """Length in milliseconds."""
    track_number: Annotated[int, constraints.Integer(minimum=1)] | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    album_cover_url: constraints.Uri | None = Field(default=None, alias="albumCoverUrl")
    """Address of the cover image."""
    recording_mb_id: str | None = Field(default=None, alias="recordingMbId")
    """MusicBrainz recording id."""
    source: Annotated[str, constraints.Text(max_bytes=64)] | None = None
    """Name of the player or service that reported it."""
