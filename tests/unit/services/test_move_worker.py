"""The worker of moves: one at a time for each account, pauses after failures, and nothing from whoever lost the lease."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.faulty_pds import Clock, new_index
from tonearm.index.engine import Database, open_database
from tonearm.index.queries import moves
from tonearm.index.queries.moves import MoveRow
from tonearm.pds.errors import PdsSessionLostError, PdsUnavailableError
from tonearm.services.moves import Moves
from tonearm.services.moves.steps import Blocked, LeaseLostError, current
from tonearm.services.moves.worker import LEASE_S, MoveWorker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ACTOR = 1


@dataclass
class Scripted:
    """Steps that go as they are told: each is `True`, `False`, or what is raised."""

    outcomes: list[Any]
    during: asyncio.Event | None = None
    seen: list[str] = field(default_factory=list)

    async def step(self, row: MoveRow, holder: str) -> bool:
        self.seen.append(f"{row.state} {holder}")
        if self.during is not None:
            await self.during.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else False
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)


@dataclass
class Scene:
    database: Database
    clock: Clock

    def worker(self, holder: str, *outcomes: Any) -> MoveWorker:
        return MoveWorker(self.database, Scripted(list(outcomes)), self.clock, holder)  # type: ignore[arg-type]

    async def row(self) -> MoveRow:
        row = await self.database.read(moves.move_of(ACTOR))
        assert row is not None
        return row

    async def due(self) -> bool:
        return ACTOR in await self.database.read(moves.moves_to_do(int(self.clock.at * 1e6), 10))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (listener, _) = new_index(tmp_path / "index.db")
    database = await open_database(f"sqlite:///{tmp_path / 'index.db'}")
    row = MoveRow(ACTOR, "m", listener.did, "a.test", 0, 0, "copying", "did:web:b.test", "b.test", "https://b.test")
    await database.write(moves.put_move(row))
    yield Scene(database, Clock())
    await database.close()


def steps_of(worker: MoveWorker) -> Scripted:
    assert isinstance(worker.steps, Scripted)
    return worker.steps


async def test_steps_follow_each_other_until_one_has_to_wait(scene: Scene) -> None:
    worker = scene.worker("one", True, True, Blocked(2.0), True)
    await worker.serve(ACTOR)
    assert len(steps_of(worker).seen) == 3
    assert not await scene.due()
    scene.clock.at += 2.5
    assert await scene.due()
    assert (await scene.row()).reason is None, "to wait is no failure"


async def test_two_workers_never_serve_an_account_at_once(scene: Scene) -> None:
    first, second = scene.worker("first"), scene.worker("second")
    steps_of(first).during = asyncio.Event()
    serving = asyncio.create_task(first.serve(ACTOR))
    while not steps_of(first).seen:  # noqa: ASYNC110 - the step says nothing when it begins
        await asyncio.sleep(0)
    await second.serve(ACTOR)
    assert steps_of(second).seen == []
    steps_of(first).during.set()  # type: ignore[union-attr]
    await serving
    await second.serve(ACTOR)
    assert len(steps_of(second).seen) == 1


async def test_a_process_that_died_is_followed_by_another_when_its_lease_is_over(scene: Scene) -> None:
    now = int(scene.clock.at * 1e6)
    assert await scene.database.write(moves.take_lease(ACTOR, "dead", now, now + int(LEASE_S * 1e6)))
    worker = scene.worker("alive")
    await worker.serve(ACTOR)
    assert steps_of(worker).seen == []
    scene.clock.at += LEASE_S + 1
    await worker.serve(ACTOR)
    assert len(steps_of(worker).seen) == 1


async def test_failures_lengthen_the_pause_and_their_reason_is_shown(scene: Scene) -> None:
    view = Moves(scene.database, None, scene.clock, "http://a.test", lambda: None)  # type: ignore[arg-type]
    worker = scene.worker("one", *[PdsUnavailableError("no answer")] * 3, PdsSessionLostError("log in"), False)
    pauses = []
    for _ in range(3):
        await worker.serve(ACTOR)
        row = await scene.row()
        pauses.append(row.due_at / 1e6 - scene.clock.at)
        scene.clock.at = row.due_at / 1e6 + 0.001
    assert pauses == pytest.approx([1, 2, 4], abs=0.01)
    await worker.serve(ACTOR)
    shown = await view.view(ACTOR)
    assert (shown.reason, shown.message) == ("PdsSessionLost", "log in")
    await view.start(ACTOR)
    assert await scene.due(), "the owner need not wait for the pause to end"
    assert (await view.view(ACTOR)).reason is None


async def test_a_move_at_rest_is_not_served(scene: Scene) -> None:
    view = Moves(scene.database, None, scene.clock, "http://a.test", lambda: None)  # type: ignore[arg-type]
    await view.pause(ACTOR)
    worker = scene.worker("one", True)
    await worker.serve(ACTOR)
    assert steps_of(worker).seen == []
    assert not await scene.due()
    await view.start(ACTOR)
    await worker.serve(ACTOR)
    assert len(steps_of(worker).seen) == 2


async def test_whoever_lost_the_lease_or_comes_late_changes_nothing(scene: Scene) -> None:
    now = int(scene.clock.at * 1e6)
    row = await scene.row()
    await scene.database.write(moves.take_lease(ACTOR, "slow", now, now + 1))
    assert (await scene.database.write(current(row, "slow"))).state == "copying"
    await scene.database.write(moves.take_lease(ACTOR, "other", now + 2, now + 10**9))
    with pytest.raises(LeaseLostError):
        await scene.database.write(current(row, "slow"))
    await scene.database.write(moves.change_move(row._replace(state="settling")))
    with pytest.raises(LeaseLostError):
        await scene.database.write(current(row, "other"))
