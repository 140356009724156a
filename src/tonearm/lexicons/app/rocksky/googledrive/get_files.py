# Generated from lexicons/app/rocksky/googledrive/getFiles.json by scripts/codegen. Do not edit.
"""`app.rocksky.googledrive.getFiles`, a query.

List a folder of the signed-in account's Google Drive.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.googledrive import defs as googledrive_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.googledrive.getFiles"


class Params(models.Params):
    """Parameters."""

    at: str | None = None
    """The folder; without it, the music folder."""


Output: TypeAlias = googledrive_defs.FileListView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("StorageNotConnected", "FileNotFound"))
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
