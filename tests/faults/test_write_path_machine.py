"""Invariants 1 and 2 under everything that can go wrong: a state machine over the write path, checked after each step.

Reports come in, one by one and at once; the PDS succeeds, fails, answers too late or not at all; commits fail; the
process dies before or after any of its steps and another one opens the database. Time and chance are the machine's.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.faults.write_path_checks import FOREIGN, SCROBBLE, Look, play_named
from tests.faults.write_path_model import SONGS, Model, Report, Song
from tests.support.faulty_pds import Clock, KilledError, Outcome, Process, ScriptedPds, new_index
from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.services.journal_queue import DuplicateScrobbleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.write_path_model import Play
    from tonearm.pds.writer import RepoWrite
    from tonearm.services.preparing import Listener

BEGINNING_S = 1_700_000_000.0
BACK_S = (0, 1, 2, 29, 30, 31, 100, 704, 705, 706)
STEPS_TO_LIVE = st.none() | st.none() | st.integers(0, 20)
OUTCOMES = [*Outcome, Outcome.DONE, Outcome.LOST_AFTER, Outcome.LATE]
QUESTIONS = [Outcome.DONE, Outcome.UNAVAILABLE, Outcome.LOST_BEFORE, Outcome.RATE_LIMITED, Outcome.SESSION_LOST]
KINDS = {"scrobble": SCROBBLE, "song": "app.rocksky.song", "album": "app.rocksky.album"}


@dataclass(frozen=True)
class Told:
    """A report to be made. `ago_s` is None without a time; `again` repeats the actor's so-manieth last play."""

    song: Song
    ago_s: int | None
    again: int | None
    says_duration: bool
    key: str | None


@st.composite
def groups_of_reports(draw: st.DrawFn) -> list[tuple[int, list[Told]]]:
    """What arrives at once: (actor, reports) for each call. Either all name a time, or none does.

    NOTE: lengths are told by one listener's calls at a time: of plays that complete a song's row together, the catalogue
    heeds one, and which one that is would be for the model to know.
    """
    timed, says_duration = draw(st.booleans()), draw(st.booleans())
    actors = st.just(draw(st.integers(1, 2))) if says_duration else st.integers(1, 2)
    report = st.builds(
        Told,
        song=st.sampled_from(SONGS),
        ago_s=st.sampled_from(BACK_S) if timed else st.none(),
        again=st.sampled_from([None, None, 1, 2, 3]) if timed else st.none(),
        says_duration=st.just(says_duration),
        key=st.sampled_from([None, None, None, "a", "b"]),
    )
    return draw(st.lists(st.tuples(actors, st.lists(report, min_size=1, max_size=3)), min_size=1, max_size=3))


class WritePath(RuleBasedStateMachine):
    """The write path, its listeners and its faults."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_heed)
        self.clock = Clock(BEGINNING_S)
        self.pds = ScriptedPds(self.clock)
        self.model = Model()
        self.reports = 0
        self.jitter = 0.5

    @initialize()
    def begin(self) -> None:
        self.path = self.folder / "first" / "index.db"
        self.listeners = {listener.actor_id: listener for listener in new_index(self.path)}
        self.dids = {actor_id: listener.did for actor_id, listener in self.listeners.items()}
        self.process = self._new_process()

    @rule(
        group=groups_of_reports(),
        after_s=st.sampled_from([0, 0, 0.4, 29, 30, 31, 704]),
        steps_to_live=STEPS_TO_LIVE,
        failing=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def plays_come_in(self, group: list[Any], after_s: float, steps_to_live: int | None, failing: int) -> None:
        self.clock.at += after_s
        self.process.switch.steps_left = steps_to_live
        self.process.database.failing = failing
        calls = [[self._report(actor_id, told) for told in call] for actor_id, call in group]
        answers = self._run(*(self._submit(reports) for reports in calls))
        self._after()
        self._note(calls, answers)

    @rule(
        after_s=st.sampled_from([0, 5, 400, 1000]),
        log_in=st.booleans(),
        script=st.lists(st.sampled_from(OUTCOMES), max_size=3),
        questions=st.lists(st.sampled_from(QUESTIONS), max_size=2),
        steps_to_live=STEPS_TO_LIVE,
        failing=st.sampled_from([0, 0, 0, 1]),
        meanwhile=st.sampled_from(["nothing", "a play", "another writer", "another writer, later"]),
        jitter=st.floats(0, 0.99),
    )
    def the_outbox_is_served(
        self,
        after_s: float,
        log_in: bool,
        script: list[Outcome],
        questions: list[Outcome],
        steps_to_live: int | None,
        failing: int,
        meanwhile: str,
        jitter: float,
    ) -> None:
        self.clock.at += after_s
        if log_in:
            self._log_in()
        self.pds.script.extend(script)
        self.pds.questions.extend(questions)
        self.jitter = jitter
        self.process.switch.steps_left = steps_to_live
        self.process.database.failing = failing
        self.during: tuple[list[Any], list[Any]] = ([], [])
        self.pds.during = {"a play": self._a_play_comes_in, "nothing": None}.get(meanwhile, self._another_writer)
        self.later = meanwhile.endswith("later")
        (ending,) = self._run(self.process.outbox.drain())
        assert ending is None or isinstance(ending, (KilledError, sqlite3.OperationalError)), ending
        self.pds.script.clear()
        self.pds.questions.clear()
        self.pds.during = None
        self._after()
        self._note(*self.during, moved=True)

    @rule(change=st.sampled_from(["late arrives", "killed", "started again"]))
    def things_happen(self, change: str) -> None:
        if change == "late arrives":
            self.pds.land()
        elif change == "killed":
            self.process.switch.dead.set()
            self._after()
        else:
            self.loop.run_until_complete(self.process.stop())
            self.process = self._new_process()

    @rule(song=st.none() | st.sampled_from(SONGS), kind=st.sampled_from(sorted(KINDS)))
    def the_pds_takes_a_dislike(self, song: Song | None, kind: str) -> None:
        """To a song, or (None) to nothing any longer. It looks first whether the key is taken."""
        title = dag_cbor.encode({"title": song.title})[1:] if song else b"?"

        def refused(write: RepoWrite) -> bool:
            disliked = song is not None and write.collection == KINDS[kind] and title in write.record
            return disliked and not self.pds.has(write)

        self.pds.refused = refused

    @rule(
        actor_id=st.integers(1, 2),
        song=st.sampled_from(SONGS),
        ago_s=st.integers(0, 3),
        key=st.sampled_from([None, "a", "b"]),
        taken=st.booleans(),
    )
    def a_play_is_refused(self, actor_id: int, song: Song, ago_s: int, key: str | None, taken: bool) -> None:
        """It stands in its owner's queue, with `taken` under another key than its first."""
        report = self._report(actor_id, Told(song, ago_s=ago_s, again=None, says_duration=False, key=key))
        self._note([[report]], self._run(self._submit([report])))
        tid = self._look().plays.get((actor_id, song.title, report.second))
        if taken and tid is not None:
            self._take(actor_id, SCROBBLE, tid_text(tid))
        self.the_pds_takes_a_dislike(song, "scrobble")
        self.clock.at += 1000
        self._log_in()
        self._run(self.process.outbox.drain())

    @rule(number=st.integers(0, 30))
    def a_key_is_taken(self, number: int) -> None:
        """Another client puts something else where one of our writes is to go."""
        look = self._look()
        if look.outbox:
            actor_id, collection, rkey, _ = look.writes[sorted(look.outbox)[number % len(look.outbox)]]
            self._take(actor_id, collection, rkey)

    def _take(self, actor_id: int, collection: str, rkey: str) -> None:
        if (collection, rkey) not in self.pds.records.get(self.dids[actor_id], {}):
            self.pds.put(self.dids[actor_id], collection, rkey, dag_cbor.encode({"title": FOREIGN}))

    @rule(actor_id=st.integers(1, 2), does=st.sampled_from(["retry", "give up", "give up", "give up", *SONGS]))
    def an_owner_sees_to_the_queue(self, actor_id: int, does: str | Song) -> None:
        """With the oldest entry that was refused: try it again, give it up, or say that it was another song."""
        listener, queue = self.listeners[actor_id], self.process.queue
        entries, _ = self.loop.run_until_complete(queue.entries(listener, state="refused", limit=1, cursor=None))
        for entry in entries:
            if does == "retry":
                self.loop.run_until_complete(queue.retry(listener, f"{entry.write_id:x}"))
            elif entry.collection == SCROBBLE:
                tid = tid_int(entry.uri.rsplit("/", 1)[1])
                play = play_named(self.model, (actor_id, entry.record["title"], (tid >> 10) // 10**6))
                if isinstance(does, Song):
                    self._edit(listener, entry, play, does)
                else:
                    self.loop.run_until_complete(queue.discard(listener, f"{entry.write_id:x}"))
                    play.given_up = True

    def _edit(self, listener: Listener, entry: Any, play: Play, song: Song) -> None:
        self.reports += 1
        token = f"report {self.reports}".encode()
        changes = {
            "title": song.title,
            "mbid": song.mbid or song.junk,
            "isrc": song.isrc or song.junk,
        }
        duration_ms = entry.record["duration"] if entry.record["duration"] > 1 else None
        try:
            self.loop.run_until_complete(self.process.queue.edit(listener, f"{entry.write_id:x}", changes, token))
        except DuplicateScrobbleError:
            assert not self.model.edit(play, song, token, None)
        else:
            assert self.model.edit(play, song, token, duration_ms and duration_ms // 1000)

    @invariant()
    def acknowledged_is_kept_and_one_play_is_one_record(self) -> None:
        if hasattr(self, "process"):
            self._look().everything()

    def teardown(self) -> None:
        """Everything recovers; then the repositories are what the model says."""
        try:
            if hasattr(self, "process"):
                self._recover()
                self._look().everything()
                self._look().repositories_are_the_models()
                self.loop.run_until_complete(self.process.stop())
        finally:
            self.loop.close()
            shutil.rmtree(self.folder)

    def _recover(self) -> None:
        self.pds.heal()
        for _ in range(20):
            self.clock.at += 1000
            self._log_in()
            for listener in self.listeners.values():
                entries, _ = self.loop.run_until_complete(
                    self.process.queue.entries(listener, state=None, limit=1000, cursor=None)
                )
                for entry in entries:
                    self.loop.run_until_complete(self.process.queue.retry(listener, f"{entry.write_id:x}"))
            self.loop.run_until_complete(self.process.outbox.drain())
            if not self._look().outbox:
                return

    def _log_in(self) -> None:
        self.pds.logged_out.clear()
        for actor_id in self.listeners:
            self.loop.run_until_complete(self.process.outbox.resume(actor_id))

    def _new_process(self) -> Process:
        return Process(self.path, self.clock, self.pds, lambda: self.jitter)

    def _look(self) -> Look:
        return Look(self.path, self.pds, self.model, self.dids)

    def _report(self, actor_id: int, told: Told) -> Report:
        self.reports += 1
        song, at_s = told.song, None if told.ago_s is None else int(self.clock.at) - told.ago_s
        earlier = [play for play in self.model.plays if play.actor_id == actor_id]
        if told.again is not None and len(earlier) >= told.again:
            song, at_s = earlier[-told.again].song, earlier[-told.again].second
        return Report(
            token=f"report {self.reports}".encode(),
            actor_id=actor_id,
            song=song,
            at_s=at_s,
            says_duration=told.says_duration,
            key=told.key,
            reported_at=self.clock.at,
        )

    def _submit(self, reports: list[Report]) -> Any:
        listener = self.listeners[reports[0].actor_id]
        return self.process.scrobbles.submit(listener, [report.submission() for report in reports], "machine")

    def _run(self, *doings: Any) -> list[Any]:
        return self.loop.run_until_complete(self.process.all_or_killed(*doings))

    def _after(self) -> None:
        """Bury the process if it is dead, and start the next one on what it has left."""
        if self.process.switch.dead.is_set():
            self.path = self.loop.run_until_complete(self.process.crash(self.folder))
            self.process = self._new_process()
        self.process.switch.steps_left = None
        self.process.database.failing = 0

    def _note(self, calls: list[list[Report]], answers: list[Any], *, moved: bool = False) -> None:
        """Tell the model what was stored: all that was answered, nothing that failed; the journal says of the rest.

        With `moved`, plays may have taken other keys since the answers.
        """
        look = self._look()
        journaled = {raw for raw, _ in look.journal}
        for reports, answer in zip(calls, answers, strict=True):
            tokens = {report.token for report in reports}
            if isinstance(answer, KilledError):
                assert tokens <= journaled or not tokens & journaled, "half a call was stored"
            elif isinstance(answer, list):
                assert tokens <= journaled, "what was acknowledged is not in the journal"
            else:
                assert isinstance(answer, sqlite3.OperationalError), answer
                assert not tokens & journaled, "a call that failed has stored something"
            receipts = answer if isinstance(answer, list) else [None] * len(reports)
            for report, receipt in zip(reports, receipts, strict=True):
                if report.token in journaled:
                    self._note_one(report, receipt, look, moved)

    def _note_one(self, report: Report, receipt: Any, look: Look, moved: bool) -> None:
        outcome, plays = self.model.store(report)
        if receipt is None:
            return
        assert receipt.outcome == outcome, (report, receipt)
        known = [play for play in plays if play.name in look.plays and not play.given_up]
        if known:
            answered = [play for play in known if look.plays[play.name] == receipt.tid]
            assert answered or moved or len(known) < len(plays), "the answer names another play"
            if answered:
                self.model.named(report, answered[0])
            self.model.acknowledge(report, (answered or known)[0])

    async def _a_play_comes_in(self) -> None:
        report = self._report(1, Told(SONGS[0], ago_s=None, again=None, says_duration=False, key=None))
        calls, answers = self.during
        calls.append([report])
        answers.append(KilledError())
        try:
            answers[0] = await self._submit([report])
        except sqlite3.OperationalError as error:
            answers[0] = error

    async def _another_writer(self) -> None:
        """Another process's outbox writer comes by while the PDS is at it. It keeps off, unless the lease has run out."""
        if self.later:
            self.clock.at += 125
        did, before = self.pds.under_way[0], len(self.pds.calls)
        for actor_id in self.listeners:
            await self.process.other_outbox.serve(actor_id)
        if not self.later:
            assert did not in [called for called, _ in self.pds.calls[before:]], "two serve one actor at once"


def _heed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), (KilledError, sqlite3.OperationalError)):
        loop.default_exception_handler(context)


@pytest.fixture
def _quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_quiet")
def test_acknowledged_is_kept_and_one_play_is_one_record_whatever_fails(soak: bool):
    run_state_machine_as_test(
        WritePath,
        settings=settings(
            max_examples=600 if soak else 150,
            stateful_step_count=50 if soak else 25,
            derandomize=not soak,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
