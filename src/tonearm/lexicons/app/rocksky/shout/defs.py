# Generated from lexicons/app/rocksky/shout/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.shout.defs`.

Views of shouts.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.shout.defs"


class Author(models.Object):
    """The account that wrote a shout."""

    TYPE: ClassVar[str] = "app.rocksky.shout.defs#author"

    id: str | None = None
    """Identifier of the account in the index."""
    did: constraints.AtIdentifier | None = None
    """DID of the account."""
    handle: constraints.AtIdentifier | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""


class Gif(models.Object):
    """An animation shown with a shout."""

    TYPE: ClassVar[str] = "app.rocksky.shout.defs#gif"

    alt: Annotated[str, constraints.Text(max_bytes=512)] | None = None
    """Text alternative."""
    height: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """Height in pixels."""
    preview_url: constraints.Uri | None = Field(default=None, alias="previewUrl")
    """Address of a still or smaller version."""
    url: constraints.Uri
    """Address of the animation."""
    width: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """Width in pixels."""


class Mention(models.Object):
    """A stretch of a shout's text that names an account."""

    TYPE: ClassVar[str] = "app.rocksky.shout.defs#mention"

    did: constraints.Did
    """DID of the named account."""
    byte_end: Annotated[int, constraints.Integer(minimum=0)] = Field(alias="byteEnd")
    """Where it ends, exclusive."""
    byte_start: Annotated[int, constraints.Integer(minimum=0)] = Field(alias="byteStart")
    """Where the stretch begins, counted in bytes of the UTF-8 text, inclusive."""


class ShoutView(models.Object):
    """A shout."""

    TYPE: ClassVar[str] = "app.rocksky.shout.defs#shoutView"

    id: str | None = None
    """Identifier of the shout in the index."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was written."""
    author: Author | None = None
    """Who wrote it."""
    facets: list[Mention] | None = None
    """The mentions in the text."""
    gif: Gif | None = None
    """Animation shown with it."""
    message: str | None = None
    """The text."""
    parent: str | None = None
    """Identifier of the shout that this one answers."""
    uri: constraints.AtUri | None = None
    """AT-URI of the shout record."""


class ShoutViewBasic(models.Object):
    """A shout as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.shout.defs#shoutViewBasic"

    id: str | None = None
    """Identifier of the shout in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the shout record."""
    message: str | None = None
    """The text."""
    content: str | None = None
    """The text; the same as `message`."""
    gif: Gif | None = None
    """Animation shown with it."""
    facets: list[Mention] | None = None
    """The mentions in the text."""
    parent: str | None = None
    """Identifier of the shout that this one answers."""
    author: Author | None = None
    """Who wrote it."""
    likes: constraints.Int | None = None
    """How many accounts like the shout."""
    liked: bool | None = None
    """Whether the caller likes it. False when nobody is signed in."""
    reported: bool | None = None
    """Whether the caller has reported it. False when nobody is signed in."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was written."""
