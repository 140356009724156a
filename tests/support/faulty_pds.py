"""A PDS in memory that does what its script says, and a process over it that can die at any step.

`ScriptedPds` keeps repositories and answers each call as it was told: success, a failure before the commit, an answer
that is lost after it, a commit that arrives late. `Process` is one life of the write path over an SQLite file: when its
`Switch` runs out it is dead, nothing that it still tries has any effect, and the next `Process` opens the file as a
crash has left it.
"""

from __future__ import annotations

import asyncio
import enum
import functools
import shutil
import sqlite3
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonearm.atproto.cid import cid_text_of_dag_cbor
from tonearm.atproto.tid import tid_text
from tonearm.index import migrations
from tonearm.index.sqlite import SqliteDatabase
from tonearm.pds.errors import (
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.writer import CommitResult
from tonearm.services.indexing import Indexing
from tonearm.services.journal_queue import JournalQueue
from tonearm.services.outbox import OutboxWriter
from tonearm.services.preparing import Listener
from tonearm.services.repositories import Repository
from tonearm.services.scrobbles import Scrobbles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tonearm.index.engine import Work
    from tonearm.pds.writer import RepoWrite

HOST = "pds.test"
RATE_LIMIT_S = 300.0


class Outcome(enum.Enum):
    """What the PDS does with one call."""

    DONE = "success"
    UNAVAILABLE = "a failure before the commit, known as such"
    LOST_BEFORE = "an unclear failure; nothing was stored"
    LOST_AFTER = "an answer that is lost after the commit"
    LATE = "a timeout, and a commit that arrives after it"
    RATE_LIMITED = "429"
    SESSION_LOST = "401, until the next login"


@dataclass
class Clock:
    """A time that tests set."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True)
class Commit:
    """One commit of the PDS: which records of ours it put where. The n-th has the revision n."""

    did: str
    keys: tuple[tuple[str, str], ...]
    late: bool = False


@dataclass
class ScriptedPds:
    """Repositories in memory (`RepoWriter`). `script` and `questions` hold the outcomes of the calls to come."""

    clock: Clock
    script: deque[Outcome] = field(default_factory=deque)
    questions: deque[Outcome] = field(default_factory=deque)
    records: dict[str, dict[tuple[str, str], tuple[str, bytes]]] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    refused: Callable[[RepoWrite], bool] = lambda _write: False
    logged_out: set[str] = field(default_factory=set)
    calls: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    during: Callable[[], Awaitable[None]] | None = None
    under_way: list[str] = field(default_factory=list)
    _late: list[tuple[str, list[RepoWrite]]] = field(default_factory=list)

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        self.land()
        self._check_form(writes)
        self.calls.append((did, [(w.collection, w.rkey) for w in writes]))
        self.under_way.append(did)
        try:
            if self.during is not None:
                during, self.during = self.during, None
                await during()
            return self._answer(did, list(writes), self.script.popleft() if self.script else Outcome.DONE)
        finally:
            self.under_way.remove(did)

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        self._fail_at_once(did, self.questions.popleft() if self.questions else Outcome.DONE)
        there = self.records.get(did, {})
        return {key: there[key][0] for key in keys if key in there}

    async def latest_rev(self, did: str) -> str:
        self._fail_at_once(did, self.questions.popleft() if self.questions else Outcome.DONE)
        return tid_text(max(number for number, commit in enumerate(self.commits, 1) if commit.did == did))

    def put(self, did: str, collection: str, rkey: str, record: bytes) -> None:
        """Another client writes a record."""
        self.records.setdefault(did, {})[collection, rkey] = (cid_text_of_dag_cbor(record), record)
        self.commits.append(Commit(did, ()))

    def has(self, write: RepoWrite) -> bool:
        """Whether the key of this write is taken in any of the repositories."""
        return any((write.collection, write.rkey) in records for records in self.records.values())

    def land(self) -> None:
        """The commits that were under way arrive, or are refused as a whole."""
        late, self._late = self._late, []
        for did, writes in late:
            if not self._taken(did, writes):
                self._commit(did, writes, late=True)

    def heal(self) -> None:
        """From now on everything goes well."""
        self.land()
        self.script.clear()
        self.questions.clear()
        self.refused = lambda _write: False
        self.during = None
        self.logged_out.clear()

    @staticmethod
    def _check_form(writes: Sequence[RepoWrite]) -> None:
        assert 1 <= len(writes) <= 200
        assert len({(w.collection, w.rkey) for w in writes}) == len(writes)
        for write in writes:
            assert write.action == "create"
            assert cid_text_of_dag_cbor(write.record) == write.cid

    def _fail_at_once(self, did: str, outcome: Outcome) -> None:
        """Raise what leaves the repository as it is."""
        if outcome is Outcome.SESSION_LOST:
            self.logged_out.add(did)
        if did in self.logged_out:
            raise PdsSessionLostError("the session has expired")
        if outcome is Outcome.UNAVAILABLE:
            raise PdsUnavailableError("connection refused")
        if outcome is Outcome.RATE_LIMITED:
            raise PdsRateLimitedError(self.clock() + RATE_LIMIT_S)
        if outcome is Outcome.LOST_BEFORE:
            raise PdsUnclearError("500")

    def _answer(self, did: str, writes: list[RepoWrite], outcome: Outcome) -> CommitResult:
        self._fail_at_once(did, outcome)
        if any(self.refused(write) for write in writes):
            raise PdsRefusedError("InvalidRequest", "no such thing is kept here")
        if self._taken(did, writes):
            raise PdsUnclearError("500: a record key is taken")
        if outcome is Outcome.LATE:
            self._late.append((did, writes))
            raise PdsUnclearError("timeout")
        self._commit(did, writes)
        if outcome is Outcome.LOST_AFTER:
            raise PdsUnclearError("the connection was closed")
        return CommitResult(tid_text(len(self.commits)), writes[0].cid)

    def _taken(self, did: str, writes: list[RepoWrite]) -> bool:
        there = self.records.get(did, {})
        return any((w.collection, w.rkey) in there for w in writes)

    def _commit(self, did: str, writes: list[RepoWrite], *, late: bool = False) -> None:
        self.records.setdefault(did, {}).update({(w.collection, w.rkey): (w.cid, w.record) for w in writes})
        self.commits.append(Commit(did, tuple((w.collection, w.rkey) for w in writes), late))


class KilledError(BaseException):
    """The process is dead; nothing of it goes on."""


@dataclass
class Switch:
    """Counts the steps that a process has left. `steps_left` None is a long life."""

    steps_left: int | None = None
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    def step(self) -> None:
        """Go one step on, or die here."""
        if self.dead.is_set():
            raise KilledError
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                self.dead.set()
                raise KilledError


class MortalDatabase:
    """The SQLite driver of a process that may die before or after each commit. `failing` commits fail, like a full disk."""

    dialect = "sqlite"

    def __init__(self, inner: SqliteDatabase, switch: Switch) -> None:
        self.inner = inner
        self.failing = 0
        self._switch = switch

    async def read(self, work: Work[Any]) -> Any:
        if self._switch.dead.is_set():
            raise KilledError
        return await self.inner.read(work)

    async def write(self, work: Work[Any]) -> Any:
        self._switch.step()
        if self.failing > 0:
            self.failing -= 1
            work = _failing(work)
        answer = await self.inner.write(work)
        self._switch.step()
        return answer


def _failing(work: Work[Any]) -> Work[Any]:
    """Work whose statements all succeed, and whose commit does not."""
    yield from work
    raise sqlite3.OperationalError("database or disk is full")


class MortalWriter:
    """A PDS as a process sees it that may die before the call and before its answer is read."""

    def __init__(self, pds: ScriptedPds, switch: Switch) -> None:
        self._pds = pds
        self._switch = switch

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        self._switch.step()
        try:
            return await self._pds.apply_writes(did, writes)
        finally:
            self._switch.step()

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        self._switch.step()
        try:
            return await self._pds.existing(did, keys)
        finally:
            self._switch.step()

    async def latest_rev(self, did: str) -> str:
        self._switch.step()
        try:
            return await self._pds.latest_rev(did)
        finally:
            self._switch.step()


@dataclass(frozen=True)
class OneHost:
    """Everybody's repository is on one host."""

    writer: Any
    host: str = HOST

    async def route(self, _actor_id: int, _did: str) -> Repository:
        return Repository(self.writer, self.host)


class Process:
    """One life of the write path: all that it has in memory is lost with it."""

    def __init__(self, path: Path, clock: Clock, pds: ScriptedPds, jitter: Callable[[], float] = lambda: 0.5) -> None:
        self.path = path
        self.switch = Switch()
        self.database = MortalDatabase(SqliteDatabase(str(path)), self.switch)
        self.routes = OneHost(MortalWriter(pds, self.switch))
        self.indexing = Indexing()
        self.database.inner.rolled_back = self.indexing.forget
        self.outbox = self.outbox_writer(clock, jitter)
        self.other_outbox = self.outbox_writer(clock, jitter)
        self.scrobbles = Scrobbles(self.database, self.indexing, now=clock, wake=self.outbox.wake)
        self.queue = JournalQueue(self.database, self.indexing, self.outbox, clock)

    def outbox_writer(self, clock: Clock, jitter: Callable[[], float] = lambda: 0.5) -> OutboxWriter:
        return OutboxWriter(self.database, self.routes, now=clock, jitter=jitter, linger_s=0.0)

    async def stop(self) -> None:
        """Drop everything. What was not awaited goes nowhere."""
        self.switch.dead.set()
        await self.database.inner.close()

    async def crash(self, folder: Path) -> Path:
        """Die, and answer a copy of the database as the crash left it: with its log, without a checkpoint."""
        self.switch.dead.set()
        left = Path(tempfile.mkdtemp(dir=folder)) / "index.db"
        for suffix in ("", "-wal"):
            source = self.path.with_name(self.path.name + suffix)
            if source.exists():
                shutil.copyfile(source, left.with_name(left.name + suffix))
        await self.database.inner.close()
        return left

    async def all_or_killed(self, *doings: Awaitable[Any]) -> list[Any]:
        """Run things at once until all have ended or the process is dead.

        Answers results and exceptions in their order; KilledError stands for whatever got no answer.
        """
        tasks = [asyncio.ensure_future(doing) for doing in doings]
        death = asyncio.ensure_future(self.switch.dead.wait())
        everything = asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait({everything, death}, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return [_ending(task) for task in tasks]


def _ending(task: asyncio.Future[Any]) -> Any:
    if task.cancelled():
        return KilledError()
    return task.exception() or task.result()


@functools.cache
def _empty_index() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        with ThreadPoolExecutor(1) as apart:  # a loop may be running in this thread
            apart.submit(asyncio.run, migrations.migrate(f"sqlite:///{path}", "index")).result()
        return path.read_bytes()


def new_index(path: Path, listeners: int = 2) -> list[Listener]:
    """Put an index with so many accounts at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_empty_index())
    made = [Listener(number, f"did:plc:{'abcdefgh'[number] * 24}") for number in range(1, listeners + 1)]
    connection = sqlite3.connect(path)
    with connection:
        for listener in made:
            connection.execute(
                "INSERT INTO actor (actor_id, did, handle, created_at, updated_at) VALUES (?, ?, ?, 0, 0)",
                (listener.actor_id, listener.did, f"listener{listener.actor_id}.test"),
            )
            connection.execute(
                "INSERT INTO account (actor_id, name, pds_url, created_at) VALUES (?, ?, ?, 0)",
                (listener.actor_id, f"listener{listener.actor_id}", f"https://{HOST}"),
            )
    connection.close()
    return made
