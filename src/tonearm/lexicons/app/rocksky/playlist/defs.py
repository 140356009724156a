# Generated from lexicons/app/rocksky/playlist/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.defs`.

Views of playlists.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.playlist.defs"


class PlaylistViewBasic(models.Object):
    """A playlist as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.playlist.defs#playlistViewBasic"

    id: str | None = None
    """Identifier of the playlist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the playlist record."""
    title: str | None = None
    """Name of the playlist."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the playlist was made."""
    cover_image_url: constraints.Uri | None = Field(default=None, alias="coverImageUrl")
    """Address of the cover image."""
    curator_avatar_url: constraints.Uri | None = Field(default=None, alias="curatorAvatarUrl")
    """Address of that account's avatar."""
    curator_did: constraints.AtIdentifier | None = Field(default=None, alias="curatorDid")
    """DID of the account that keeps it."""
    curator_handle: constraints.AtIdentifier | None = Field(default=None, alias="curatorHandle")
    """Handle of that account."""
    curator_name: str | None = Field(default=None, alias="curatorName")
    """Display name of that account."""
    description: str | None = None
    """Text about the playlist."""
    track_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="trackCount")
    """Number of tracks."""


class PlaylistViewDetailed(models.Object):
    """A playlist with its tracks."""

    TYPE: ClassVar[str] = "app.rocksky.playlist.defs#playlistViewDetailed"

    id: str | None = None
    """Identifier of the playlist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the playlist record."""
    title: str | None = None
    """Name of the playlist."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the playlist was made."""
    cover_image_url: constraints.Uri | None = Field(default=None, alias="coverImageUrl")
    """Address of the cover image."""
    curator_avatar_url: constraints.Uri | None = Field(default=None, alias="curatorAvatarUrl")
    """Address of that account's avatar."""
    curator_did: constraints.AtIdentifier | None = Field(default=None, alias="curatorDid")
    """DID of the account that keeps it."""
    curator_handle: constraints.AtIdentifier | None = Field(default=None, alias="curatorHandle")
    """Handle of that account."""
    curator_name: str | None = Field(default=None, alias="curatorName")
    """Display name of that account."""
    description: str | None = None
    """Text about the playlist."""
    tracks: list[song_defs.SongViewBasic] | None = None
    """The tracks, in order."""
