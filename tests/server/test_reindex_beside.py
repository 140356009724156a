"""Reindexing while the server goes on: what waits for its repository, is refused, confirmed or given up meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.obstacles import Obstacles
from tests.support.queue_owner import PLAYED_AT, SCROBBLE, Owner
from tests.support.reindexing import reindexed, rows, wiped
from tests.support.server import Server, running_server
from tonearm.pds.errors import PdsRefusedError, PdsSessionLostError, PdsUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

DISCARD = "app.tonearm.journal.discardEntry"


@pytest.fixture
async def owner(database: str, tmp_path: Path) -> AsyncIterator[Owner]:
    async with running_server(tmp_path, database=database, outbox=False) as server:
        yield Owner(server, server.first, Obstacles.put_up(server.core))


class Meanwhile:
    """Exports repositories of the built-in PDS; between an archive's making and its reading something happens."""

    def __init__(self, server: Server, happen: Callable[[], Awaitable[object]]) -> None:
        self._pds = server.core.pds
        self._happen = happen

    async def export_car(self, did: str) -> AsyncIterator[bytes]:
        archive = [piece async for piece in self._pds.export_car(did)]
        await self._happen()
        for piece in archive:
            yield piece


async def play(owner: Owner, title: str, after_s: int = 0) -> None:
    await owner.server.scrobble(
        owner.who, title=title, artist="Kate Bush", album="Never for Ever", timestamp=PLAYED_AT + after_s
    )


@pytest.mark.parametrize(
    "error",
    [PdsUnavailableError("down"), PdsSessionLostError("expired"), PdsRefusedError("InvalidRecord", "no such song")],
    ids=lambda error: type(error).__name__,
)
async def test_plays_that_no_repository_has_are_put_back(owner: Owner, error: Exception) -> None:
    await play(owner, "Babooshka")
    await owner.publish()
    owner.hindered(error, SCROBBLE)
    await play(owner, "Delius", 60)
    await play(owner, "BABOOSHKA", 120)
    await owner.publish()
    before, history = await rows(owner.server), await owner.history()
    assert [view["title"] for view in history] == ["Babooshka", "Delius", "Babooshka"]
    await wiped(owner.server)
    (outcome,) = (await reindexed(owner.server)).values()
    assert (outcome.records, outcome.added, outcome.removed, outcome.failure) == (1, 3, 0, None)
    assert (await rows(owner.server), await owner.history()) == (before, history)
    (outcome,) = (await reindexed(owner.server)).values()
    assert (outcome.records, outcome.added, outcome.removed) == (1, 0, 0)
    owner.free()
    await owner.server.core.outbox.resume(owner.who.actor_id)
    for entry in await owner.entries():
        await owner.tell("app.tonearm.journal.retryEntry", id=entry["id"])
    await owner.publish()
    assert len(await owner.server.records(SCROBBLE)) == 3
    assert await owner.history() == history


async def test_a_play_that_was_given_up_is_not_put_back(owner: Owner) -> None:
    entry = await owner.refused_play()
    status, _ = await owner.tell(DISCARD, id=entry["id"])
    assert status == 200
    await wiped(owner.server)
    (outcome,) = (await reindexed(owner.server)).values()
    assert (outcome.records, outcome.added) == (0, 0)
    assert await owner.history() == []


async def test_a_play_that_is_given_up_meanwhile_is_not_put_back(owner: Owner) -> None:
    entry = await owner.refused_play()
    await wiped(owner.server)
    await reindexed(owner.server, Meanwhile(owner.server, lambda: owner.tell(DISCARD, id=entry["id"])))
    assert await owner.history() == []


@pytest.mark.parametrize("lost", [False, True], ids=["there", "wiped"])
async def test_a_play_that_is_confirmed_meanwhile_is_kept(owner: Owner, lost: bool) -> None:
    """The archive that is being read does not have it yet, and the outbox has it no longer."""
    await play(owner, "Babooshka")
    history = await owner.history()
    if lost:
        await wiped(owner.server)
    (outcome,) = (await reindexed(owner.server, Meanwhile(owner.server, owner.publish))).values()
    assert (outcome.records, outcome.added, outcome.removed) == (0, int(lost), 0)
    assert await owner.entries() == []
    assert await owner.history() == history


async def test_a_play_that_comes_in_meanwhile_is_kept(owner: Owner) -> None:
    await play(owner, "Babooshka")
    await owner.publish()

    async def one_more() -> None:
        await play(owner, "Delius", 60)
        await owner.publish()
        await play(owner, "Army Dreamers", 120)

    (outcome,) = (await reindexed(owner.server, Meanwhile(owner.server, one_more))).values()
    assert (outcome.records, outcome.added, outcome.removed) == (1, 0, 0)
    assert await owner.titles() == ["Army Dreamers", "Delius", "Babooshka"]


async def test_more_writes_than_a_chunk_are_all_put_back(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some wait, and some are confirmed while the archive is read."""
    monkeypatch.setattr("tonearm.services.reindex.CHUNK", 3)
    monkeypatch.setattr("tonearm.services.reindex.JOURNAL_PAGE", 4)
    for number in range(10):
        await play(owner, f"Confirmed {number}", number)
    history = await owner.history()

    async def some_more() -> None:
        await owner.publish()
        owner.hindered(PdsUnavailableError("down"))
        for number in range(10):
            await play(owner, f"Waiting {number}", 60 + number)
        await wiped(owner.server)

    (outcome,) = (await reindexed(owner.server, Meanwhile(owner.server, some_more))).values()
    assert (outcome.records, outcome.added, outcome.removed) == (0, 20, 0)
    assert (await owner.history())[10:] == history
    assert [title for title in await owner.titles() if title.startswith("W")] == [
        f"Waiting {n}" for n in range(9, -1, -1)
    ]
