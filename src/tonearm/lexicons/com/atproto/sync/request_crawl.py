# Generated from lexicons/com/atproto/sync/requestCrawl.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.requestCrawl`, a procedure.

Ask the server to crawl a host's repositories.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.sync.requestCrawl"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    hostname: str
    """Name of the host."""


METHOD: Procedure[Params, Input, None] = Procedure(
    NSID, Params, Input, None, output_encoding=None, errors=("HostBanned",)
)
"""Errors:

HostBanned: The host is not crawled.
"""
