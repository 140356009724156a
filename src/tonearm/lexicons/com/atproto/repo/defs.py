# Generated from lexicons/com/atproto/repo/defs.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.defs`.

Shared definitions of repository methods.
"""

from typing import ClassVar, Final

from tonearm.xrpc import constraints, models

NSID: Final = "com.atproto.repo.defs"


class CommitMeta(models.Object):
    """A commit."""

    TYPE: ClassVar[str] = "com.atproto.repo.defs#commitMeta"

    cid: constraints.CidText
    """CID of the commit."""
    rev: constraints.Tid
    """Its revision; later commits have higher ones."""
