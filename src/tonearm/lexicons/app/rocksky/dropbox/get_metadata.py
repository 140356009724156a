# Generated from lexicons/app/rocksky/dropbox/getMetadata.json by scripts/codegen. Do not edit.
"""`app.rocksky.dropbox.getMetadata`, a query.

Get what Dropbox knows about a file of the signed-in account.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.dropbox import defs as dropbox_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.dropbox.getMetadata"


class Params(models.Params):
    """Parameters."""

    path: str
    """Path of the file."""


Output: TypeAlias = dropbox_defs.FileView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("StorageNotConnected", "FileNotFound"))
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
