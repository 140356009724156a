"""Committing to repositories: one commit at a time for each, any number of repositories at once.

A commit is built outside the transaction, from a snapshot, and stored only if the head is still the one it was built
on. In this process a lock for each repository keeps that from failing; another process may be first, and then the
commit is built again. Rejected: computing inside the transaction, which would hold up every other writer meanwhile.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from tonearm.atproto.cid import Cid, cid_text
from tonearm.atproto.tid import TidClock
from tonearm.pds.builtin.errors import InvalidSwapError, InvalidWriteError, RepoBusyError
from tonearm.pds.builtin.repository.cache import NodeCache
from tonearm.pds.builtin.repository.commit import Commit, build_commit
from tonearm.pds.builtin.repository.pacer import Pacer, no_pause
from tonearm.pds.builtin.repository.rows import Applied, Done, Edit, Head
from tonearm.pds.builtin.repository.store import head_of, load, store_commit
from tonearm.pds.builtin.times import micros_of_clock, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.atproto.did_key import SigningKey
    from tonearm.atproto.mst import Nodes
    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.keys import KeyRing
    from tonearm.pds.builtin.stream.events import EventLog

P = ParamSpec("P")
T = TypeVar("T")

EDITS_LIMIT = 200
"""Most edits in one commit. Source: com.atproto.repo.applyWrites, com.atproto.sync.subscribeRepos#commit."""
INLINE_EDITS = 2
"""Commits of so few edits take half a millisecond, less than a hop to another thread would save."""
ATTEMPTS = 5
"""How often a commit is built again because another process was first."""


class Repositories:
    """Applies batches of edits to repositories."""

    def __init__(
        self,
        db: Database,
        keys: KeyRing,
        events: EventLog,
        *,
        clock: Callable[[], float],
        clock_id: int,
        cache_bytes: int,
    ) -> None:
        """Share the database, keys and event log of the host.

        Args:
            db: where everything is stored.
            keys: signing keys.
            events: told when there are new events.
            clock: seconds since 1970.
            clock_id: 0 to 1023; tells the revisions of several processes apart.
            cache_bytes: memory for tree nodes.
        """
        self._db = db
        self._keys = keys
        self._events = events
        self._clock = clock
        self.tids = TidClock(lambda: micros_of_clock(clock), clock_id)
        self.cache = NodeCache(cache_bytes)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pds-commit")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def close(self) -> None:
        """Let the worker thread end."""
        self._worker.shutdown(wait=True)

    async def head(self, did: str, *, any_status: bool = False) -> Head:
        """Return a repository's head.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is none that may be read.
        """
        return await self._db.read(head_of(did, any_status=any_status))

    async def apply(self, did: str, edits: Sequence[Edit], *, swap_commit: str | None = None) -> Applied:
        """Store all edits in one commit, or none of them.

        Args:
            did: the repository.
            edits: up to `EDITS_LIMIT`, each of another path.
            swap_commit: the CID that the head must have.

        Raises:
            BuiltinPdsError: nothing was stored; the subclass says why.
        """
        if len(edits) > EDITS_LIMIT:
            raise InvalidWriteError(f"Too many writes. Max: {EDITS_LIMIT}")
        if len({edit.path for edit in edits}) != len(edits):
            raise InvalidWriteError("a record may be written once in a batch")
        lock = self._locks.get(did)
        if lock is None:
            lock = self._locks[did] = asyncio.Lock()
        async with lock:
            return await self._apply_locked(did, edits, swap_commit)

    async def _apply_locked(self, did: str, edits: Sequence[Edit], swap_commit: str | None) -> Applied:
        paths = sorted(edit.path.encode() for edit in edits)
        key = await self._keys.signing_key(did)
        for _ in range(ATTEMPTS):
            head, nodes = await self._db.read(load(did, paths, self.cache))
            current = cid_text(Cid(head.commit_cid))
            if swap_commit not in (None, current):
                raise InvalidSwapError("Commit", current)
            self.tids.advance_past(head.rev)
            commit = await self._build(head, nodes, edits, key, self.tids.next())
            if isinstance(commit, list):
                return Applied(head, commit, changed=False)
            if await self._db.write(store_commit(commit, micros_of_clock(self._clock))):
                self._events.wake()
                await self.in_worker(len(edits), self._remember, commit)
                return Applied(commit.head, commit.done, changed=True)
        raise RepoBusyError(f"other processes keep writing to {did}")

    async def _build(
        self, head: Head, nodes: Nodes, edits: Sequence[Edit], key: SigningKey, rev: int
    ) -> Commit | list[Done]:
        at = rfc3339(self._clock())
        pause = Pacer() if len(edits) > INLINE_EDITS else no_pause
        return await self.in_worker(len(edits), build_commit, head, nodes, edits, key, rev, at, pause)

    async def in_worker(self, size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function: here when it has to do with so few edits, else in the worker thread."""
        if size <= INLINE_EDITS:
            return function(*args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._worker, partial(function, *args, **kwargs))

    def _remember(self, commit: Commit) -> None:
        for _, _, cid in commit.removed:
            self.cache.drop(cid)
        for _, _, cid, _, block in commit.created:
            self.cache.put(cid, block)
