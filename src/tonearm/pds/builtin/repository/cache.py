"""A bounded memory of tree nodes.

Nodes are named by their hash, so a remembered one is never out of date: the cache may hold nodes that the database
has dropped, but never a wrong one, and nothing is believed to be stored because it is here.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

ENTRY_OVERHEAD_BYTES = 250
"""What an entry costs beside its block: two byte strings' headers, the table's slot, the links of the order."""


class NodeCache:
    """Blocks by CID, the least recently used dropped first. Safe to use from several threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used_bytes = 0
        self._blocks: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, cid: bytes) -> bytes | None:
        """Return a block, or None."""
        with self._lock:
            block = self._blocks.get(cid)
            if block is not None:
                self._blocks.move_to_end(cid)
            return block

    def put(self, cid: bytes, block: bytes) -> None:
        """Remember a block."""
        with self._lock:
            if cid in self._blocks:
                return
            self._blocks[cid] = block
            self._used_bytes += len(block) + ENTRY_OVERHEAD_BYTES
            while self._used_bytes > self._limit_bytes:
                _, dropped = self._blocks.popitem(last=False)
                self._used_bytes -= len(dropped) + ENTRY_OVERHEAD_BYTES

    def drop(self, cid: bytes) -> None:
        """Forget a block that no tree needs any more."""
        with self._lock:
            block = self._blocks.pop(cid, None)
            if block is not None:
                self._used_bytes -= len(block) + ENTRY_OVERHEAD_BYTES
