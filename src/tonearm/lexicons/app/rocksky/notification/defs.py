# Generated from lexicons/app/rocksky/notification/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.notification.defs`.

Notifications.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.notification.defs"


class NotificationActor(models.Object):
    """The account that caused a notification."""

    TYPE: ClassVar[str] = "app.rocksky.notification.defs#notificationActor"

    id: str | None = None
    """Identifier of the account in the index."""
    did: constraints.Did | None = None
    """DID of the account."""
    handle: constraints.AtIdentifier | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""


class SubjectView(models.Object):
    """The record that a notification is about."""

    TYPE: ClassVar[str] = "app.rocksky.notification.defs#subjectView"

    uri: str
    """AT-URI of the record."""
    title: str | None = None
    """Title of the track or album, or name of the artist."""
    artist: str | None = None
    """Name of the artist as credited."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""


class NotificationView(models.Object):
    """Something that happened to the account's plays, shouts or profile."""

    TYPE: ClassVar[str] = "app.rocksky.notification.defs#notificationView"

    id: str
    """Identifier of the notification."""
    actor: NotificationActor | None = None
    """Who did it."""
    subject: SubjectView | None = None
    """What it happened to, where that can be shown."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it happened."""
    read: bool
    """Whether it has been marked as seen."""
    shout_content: str | None = Field(default=None, alias="shoutContent")
    """Text of that shout."""
    shout_id: str | None = Field(default=None, alias="shoutId")
    """Identifier of the shout, if one is concerned."""
    subject_uri: str | None = Field(default=None, alias="subjectUri")
    """AT-URI of what it happened to."""
    type: str
    """What happened. New kinds may be added; readers should skip those that they do not know.

    Known values: like_scrobble, follow, comment_scrobble, comment_profile, reply, react_comment, mention.
    """
