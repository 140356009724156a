# Generated from lexicons/app/rocksky/dropbox/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.dropbox.defs`.

Views of files in Dropbox.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.dropbox.defs"


class FileView(models.Object):
    """A file or folder."""

    TYPE: ClassVar[str] = "app.rocksky.dropbox.defs#fileView"

    id: str | None = None
    """Dropbox's identifier."""
    name: str | None = None
    """Last part of the path."""
    client_modified: constraints.Datetime | None = Field(default=None, alias="clientModified")
    """When the file was changed where it came from."""
    path_display: str | None = Field(default=None, alias="pathDisplay")
    """Whole path as shown."""
    path_lower: str | None = Field(default=None, alias="pathLower")
    """Whole path in lower case, as Dropbox compares it."""
    server_modified: constraints.Datetime | None = Field(default=None, alias="serverModified")
    """When Dropbox received that change."""


class FileListView(models.Object):
    """The files of a folder."""

    TYPE: ClassVar[str] = "app.rocksky.dropbox.defs#fileListView"

    files: list[FileView] | None = None
    """Files and folders, in Dropbox's order."""


class TemporaryLinkView(models.Object):
    """An address from which a file can be streamed for some hours."""

    TYPE: ClassVar[str] = "app.rocksky.dropbox.defs#temporaryLinkView"

    link: constraints.Uri | None = None
    """The address."""
