"""A server that kills itself, by SIGKILL, at a chosen step of its work.

    TONEARM_PORT=... python -m tests.support.kill_points '{"step": "done", "phase": "during", "nth": 3, "delay_us": 150}'

The product's own `serve` runs here as it is; the steps are watched from outside, on the connections of the database
drivers and around the built-in PDS. The kill point is armed by SIGUSR1, so that a start is always a whole one. Steps
are the transactions of the write path, told apart by the statements in them, and the call of the repository host:

| step | what |
|---|---|
| submit | plays into journal, index and outbox |
| call | the outbox writer's call of the built-in PDS; before it, and after its answer |
| pds | the commit of a repository |
| done | writes out of the outbox and into the event log |
| ask ... end | the deletion of an account, asked for, stage by stage, ended |
| freeze | the old repository of an account that moves lets nothing more be written |
| switch | the account gets its new identity |
| adopt | plays of the outside repository come into the index |
| move | the move notes how far it is, with a page of copies |
| send | the outbox writer's call of a PDS elsewhere; before it, and after its answer |

A phase of a transaction is `inside` (among its statements), `before` the COMMIT, `during` it (some microseconds after
it began, by another thread) or `after` it, before anybody learns of it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
import uvloop

from tonearm import app
from tonearm.index import sqlite
from tonearm.pds.builtin.host import BuiltinPds
from tonearm.pds.remote import RemotePds
from tonearm.services import outbox
from tonearm.services.lifecycle import deletion
from tonearm.services.moves import copying, worker
from tonearm.settings import load_settings
from tonearm.telemetry.logs import set_up_logs

if TYPE_CHECKING:
    import sqlite3

TRANSACTIONS = {
    "INSERT INTO journal ": "submit",
    "UPDATE pds_head ": "pds",
    "DELETE FROM outbox ": "done",
    "INSERT INTO account_deletion ": "ask",
    "DELETE FROM play ": "erase plays",
    "DELETE FROM journal ": "erase journal",
    "UPDATE pds_repo SET status = 'deleted'": "announce",
    "DELETE FROM pds_record ": "erase repository",
    "UPDATE pds_repo SET handle = ": "give identity up",
    "UPDATE account_deletion SET stage = 'done'": "end",
    "UPDATE pds_repo SET status ": "freeze",
    "INSERT INTO former_identity ": "switch",
    "INSERT INTO moved_play ": "adopt",
    "UPDATE account_move SET move_id ": "move",
}
"""The statement that tells what a transaction is for. In the first two it is near the end, in the third at the beginning."""
CALLS = ("call", "send")
PHASES = {
    **dict.fromkeys(TRANSACTIONS.values(), ("inside", "before", "during", "after")),
    **dict.fromkeys(CALLS, ("before", "after")),
}


@dataclass(frozen=True)
class KillPoint:
    """The `nth` time that a step's phase is reached once the point is armed; `delay_us` is for `during`.

    `at_once`: it is armed from the start.
    """

    step: str
    phase: str
    nth: int = 1
    delay_us: int = 0
    at_once: bool = False


def die() -> None:
    """End this process as a power switch would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Watch:
    """Knows where the process is, and ends it at its kill point."""

    def __init__(self, point: KillPoint | None) -> None:
        self._point = point
        self._left = point.nth if point else 0
        self._armed = point.at_once if point else False
        self._transactions: dict[int, set[str]] = {}
        self._countdown = threading.Event()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        threading.Thread(target=self._arm_when_told, daemon=True).start()
        threading.Thread(target=self._die_in_time, daemon=True).start()

    def reached(self, step: str, phase: str) -> None:
        """The process is here."""
        point = self._point
        if not self._armed or point is None or (step, phase) != (point.step, point.phase):
            return
        self._left -= 1
        if self._left == 0:
            if phase == "during":
                self._countdown.set()
            else:
                die()

    def statement(self, connection: object, sql: str) -> None:
        """A statement has been run on a connection."""
        if sql in {"ROLLBACK", "ROLLBACK;"}:
            self._transactions.pop(id(connection), None)
        for beginning, step in TRANSACTIONS.items():
            if sql.startswith(beginning):
                self._transactions.setdefault(id(connection), set()).add(step)
                self.reached(step, "inside")

    def commit_begins(self, connection: object) -> None:
        """The COMMIT of a connection's transaction is about to be run."""
        for phase in ("before", "during"):
            for step in self._transactions.get(id(connection), ()):
                self.reached(step, phase)

    def commit_ended(self, connection: object) -> None:
        """The COMMIT has returned."""
        for step in self._transactions.pop(id(connection), ()):
            self.reached(step, "after")

    def _arm_when_told(self) -> None:
        signal.sigwait({signal.SIGUSR1})
        self._armed = True

    def _die_in_time(self) -> None:
        self._countdown.wait()
        if self._point:
            time.sleep(self._point.delay_us / 1e6)
        die()


class WatchedConnection:
    """An SQLite connection whose statements are watched."""

    def __init__(self, connection: sqlite3.Connection, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            self._watch.commit_begins(self)
            cursor = self._connection.execute(sql)
            self._watch.commit_ended(self)
            return cursor
        cursor = self._connection.execute(sql, *args)
        self._watch.statement(self, sql)
        return cursor

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        cursor = self._connection.executemany(sql, rows)
        self._watch.statement(self, sql)
        return cursor


def watch_sqlite(watch: Watch) -> None:
    """Watch every connection that the SQLite driver opens."""
    connect = sqlite.connect

    def watched(*args: Any, **options: Any) -> WatchedConnection:
        return WatchedConnection(connect(*args, **options), watch)

    sqlite.connect = watched  # type: ignore[assignment]


def watch_postgres(watch: Watch) -> None:
    """Watch every connection of the PostgreSQL driver."""
    connection = asyncpg.Connection
    execute, executemany, fetch = connection.execute, connection.executemany, connection.fetch

    async def watched_execute(self: Any, sql: str, *args: Any, **options: Any) -> Any:
        if sql == "COMMIT;":
            watch.commit_begins(self)
            answer = await execute(self, sql, *args, **options)
            watch.commit_ended(self)
            return answer
        answer = await execute(self, sql, *args, **options)
        watch.statement(self, sql)
        return answer

    async def watched_executemany(self: Any, sql: str, *args: Any, **options: Any) -> Any:
        answer = await executemany(self, sql, *args, **options)
        watch.statement(self, sql)
        return answer

    async def watched_fetch(self: Any, sql: str, *args: Any, **options: Any) -> Any:
        answer = await fetch(self, sql, *args, **options)
        watch.statement(self, sql)
        return answer

    connection.execute = watched_execute
    connection.executemany = watched_executemany
    connection.fetch = watched_fetch


def watch_calls(watch: Watch, kind: Any, step: str) -> None:
    """Watch the calls by which the outbox writes to repositories."""
    apply_writes = kind.apply_writes

    async def watched(self: Any, *args: Any) -> Any:
        watch.reached(step, "before")
        result = await apply_writes(self, *args)
        watch.reached(step, "after")
        return result

    kind.apply_writes = watched


def main() -> None:
    """Serve by the settings of the environment, until the kill point or SIGTERM.

    The second argument is a lease's length, the third how many records a move copies at once.
    """
    point = json.loads(sys.argv[1]) if len(sys.argv) > 1 else None
    if len(sys.argv) > 2:
        outbox.LEASE_S = worker.LEASE_S = deletion.LEASE_S = float(sys.argv[2])
    if len(sys.argv) > 3:
        copying.PAGE = copying.WAITING_MOST = int(sys.argv[3])  # more pages, for the same records
    watch = Watch(KillPoint(**point) if point else None)
    watch_sqlite(watch)
    watch_postgres(watch)
    watch_calls(watch, BuiltinPds, "call")
    watch_calls(watch, RemotePds, "send")
    settings = load_settings()
    set_up_logs(settings.log_level, settings.log_format)
    uvloop.run(app.serve(settings))


if __name__ == "__main__":
    main()
