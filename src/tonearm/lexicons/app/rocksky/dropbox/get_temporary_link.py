# Generated from lexicons/app/rocksky/dropbox/getTemporaryLink.json by scripts/codegen. Do not edit.
"""`app.rocksky.dropbox.getTemporaryLink`, a query.

Get an address from which a file of the signed-in account can be streamed for some hours.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.dropbox import defs as dropbox_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.dropbox.getTemporaryLink"


class Params(models.Params):
    """Parameters."""

    path: str
    """Path of the file."""


Output: TypeAlias = dropbox_defs.TemporaryLinkView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("StorageNotConnected", "FileNotFound"))
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
