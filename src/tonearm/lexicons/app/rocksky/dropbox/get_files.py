# Generated from lexicons/app/rocksky/dropbox/getFiles.json by scripts/codegen. Do not edit.
"""`app.rocksky.dropbox.getFiles`, a query.

List a folder of the signed-in account's Dropbox.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.dropbox import defs as dropbox_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.dropbox.getFiles"


class Params(models.Params):
    """Parameters."""

    at: str | None = None
    """The folder; without it, the music folder."""


Output: TypeAlias = dropbox_defs.FileListView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("StorageNotConnected", "FileNotFound"))
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
