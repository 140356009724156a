# Generated from lexicons/app/rocksky/googledrive/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.googledrive.defs`.

Views of files in Google Drive.
"""

from typing import ClassVar, Final

from tonearm.xrpc import models

NSID: Final = "app.rocksky.googledrive.defs"


class FileView(models.Object):
    """A file or folder."""

    TYPE: ClassVar[str] = "app.rocksky.googledrive.defs#fileView"

    id: str | None = None
    """Google Drive's identifier."""


class FileListView(models.Object):
    """The files of a folder."""

    TYPE: ClassVar[str] = "app.rocksky.googledrive.defs#fileListView"

    files: list[FileView] | None = None
    """Files and folders, in Google Drive's order."""
