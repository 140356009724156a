# Generated from lexicons/com/atproto/sync/defs.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.defs`.

Shared definitions of synchronisation.
"""

from typing import Final, TypeAlias

NSID: Final = "com.atproto.sync.defs"

HostStatus: TypeAlias = str
"""State of a crawled host.

Known values: active, idle, offline, throttled, banned.
"""
