# Generated from lexicons/app/bsky/actor/profile.json by scripts/codegen. Do not edit.
"""`app.bsky.actor.profile`, a record."""

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.label import defs as label_defs
from tonearm.lexicons.com.atproto.repo import strong_ref as repo_strong_ref
from tonearm.xrpc import constraints, models, values

NSID: Final = "app.bsky.actor.profile"


class Record(models.Record):
    """An account's public profile. Read for its name and avatar; never written here."""

    TYPE: ClassVar[str] = NSID

    display_name: Annotated[
        str, constraints.Text(max_bytes=640, max_graphemes=64)
    ] | None = Field(default=None, alias="displayName")
    """Name to show."""
    description: Annotated[str, constraints.Text(max_bytes=2560, max_graphemes=256)] | None = None
    """Text about the account."""
    avatar: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=1000000)] | None = None
    """Avatar image."""
    banner: Annotated[values.Blob, values.BlobRule(accept=("image/png", "image/jpeg"), max_size=10000000)] | None = None
    """Wide image behind the profile."""
    labels: Annotated[
        label_defs.SelfLabels | dict[str, Any], values.OpenUnion("com.atproto.label.defs#selfLabels")
    ] | None = None
    """Labels that the account gives itself."""
    joined_via_starter_pack: repo_strong_ref.Main | None = Field(default=None, alias="joinedViaStarterPack")
    """Starter pack through which the account joined."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the account says that it began."""
    pronouns: Annotated[str, constraints.Text(max_bytes=200, max_graphemes=20)] | None = None
    """How to speak of the account's owner."""
    website: constraints.Uri | None = None
    """Address of a web site."""
    pinned_post: repo_strong_ref.Main | None = Field(default=None, alias="pinnedPost")
    """Post shown first on the profile."""


KEY: Final = "literal:self"
