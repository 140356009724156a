"""The writer protocol that the outbox relies on, kept alike by the PDS in our process and by one over HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.network.xrpc_calls import SCROBBLE, Xrpc, cid_of, rkeys, scrobble
from tests.support.pds_sessions import MemorySessions, delete_of, write_of
from tonearm.pds.errors import PdsRefusedError, PdsSessionLostError, PdsUnclearError
from tonearm.pds.remote import RemotePds, login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import aiohttp

    from tonearm.outbound import OutboundClient
    from tonearm.pds.writer import RepoWrite, RepoWriter

SONG = "app.rocksky.song"


@dataclass(frozen=True)
class WriterTarget:
    writer: RepoWriter
    did: str
    anyone: Xrpc

    async def head(self) -> dict[str, str]:
        return await self.anyone.ask("com.atproto.sync.getLatestCommit", did=self.did)

    async def value(self, rkey: str) -> dict[str, object]:
        read = await self.anyone.ask("com.atproto.repo.getRecord", repo=self.did, collection=SCROBBLE, rkey=rkey)
        return read["value"]


@pytest.fixture(params=["builtin", pytest.param("remote", marks=pytest.mark.needs_node)])
async def repo(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession, outbound: OutboundClient, tmp_path: Path
) -> AsyncIterator[WriterTarget]:
    if request.param == "remote":
        pds = request.getfixturevalue("real_pds")
        account = pds.create_account()
        session = await login(outbound, pds.url, account.handle, account.app_password)
        async with RemotePds(outbound, MemorySessions(session)) as writer:
            yield WriterTarget(writer, account.did, Xrpc(http, pds.url))
        return

    from tests.support.server import running_server

    async with running_server(tmp_path) as server:
        yield WriterTarget(server.core.pds, server.did, Xrpc(http, server.url))


def keys_of(writes: list[RepoWrite]) -> list[tuple[str, str]]:
    return [(write.collection, write.rkey) for write in writes]


def cids_of(writes: list[RepoWrite]) -> dict[tuple[str, str], str]:
    return {(write.collection, write.rkey): write.cid for write in writes}


def batch(count: int, **more: object) -> list[RepoWrite]:
    return [write_of(rkey, scrobble(i, **more)) for i, rkey in enumerate(rkeys(count))]


async def test_a_batch_is_one_commit_whose_records_are_the_bytes_given(repo: WriterTarget):
    writes = batch(3, tonearm={"assumed": ["album", "é"], "n": -5})
    result = await repo.writer.apply_writes(repo.did, writes)
    assert {"cid": result.commit_cid, "rev": result.rev} == await repo.head()
    assert await repo.writer.latest_rev(repo.did) == result.rev
    for i, write in enumerate(writes):
        assert await repo.value(write.rkey) == scrobble(i, tonearm={"assumed": ["album", "é"], "n": -5})
    assert await repo.writer.existing(repo.did, keys_of(writes)) == cids_of(writes)


async def test_two_hundred_writes_fit_in_a_batch(repo: WriterTarget):
    writes = batch(200)
    await repo.writer.apply_writes(repo.did, writes)
    assert await repo.writer.existing(repo.did, keys_of(writes)) == cids_of(writes)


@pytest.mark.parametrize("count", [0, 201])
async def test_another_number_of_writes_is_the_callers_mistake(repo: WriterTarget, count: int):
    with pytest.raises(ValueError, match="1 to 200"):
        await repo.writer.apply_writes(repo.did, batch(count))


async def test_creates_updates_and_deletes_go_together(repo: WriterTarget):
    first, second, third = batch(3)
    await repo.writer.apply_writes(repo.did, [first, second])
    changed = write_of(first.rkey, scrobble(9), "update")
    await repo.writer.apply_writes(repo.did, [changed, delete_of(second.rkey), third])
    found = await repo.writer.existing(repo.did, keys_of([first, second, third]))
    assert found == {(SCROBBLE, first.rkey): cid_of(scrobble(9)), (SCROBBLE, third.rkey): third.cid}


async def test_a_taken_key_refuses_the_batch_and_stores_nothing_of_it(repo: WriterTarget):
    taken, *fresh = batch(5)
    await repo.writer.apply_writes(repo.did, [taken])
    head = await repo.head()
    for bad in (taken, write_of(taken.rkey, scrobble(99))):
        with pytest.raises(PdsUnclearError):
            await repo.writer.apply_writes(repo.did, [*fresh, bad])
        assert await repo.head() == head
        assert await repo.writer.existing(repo.did, keys_of([taken, *fresh])) == cids_of([taken])


async def test_after_an_unclear_outcome_the_rest_can_be_sent(repo: WriterTarget):
    writes = batch(20)
    await repo.writer.apply_writes(repo.did, writes[:7])
    with pytest.raises(PdsUnclearError):
        await repo.writer.apply_writes(repo.did, writes)
    found = await repo.writer.existing(repo.did, keys_of(writes))
    assert found == cids_of(writes[:7])
    rest = [write for write in writes if (write.collection, write.rkey) not in found]
    await repo.writer.apply_writes(repo.did, rest)
    assert await repo.writer.existing(repo.did, keys_of(writes)) == cids_of(writes)


async def test_a_batch_sent_twice_is_stored_once(repo: WriterTarget):
    writes = batch(10)
    await repo.writer.apply_writes(repo.did, writes)
    head = await repo.head()
    with pytest.raises(PdsUnclearError):
        await repo.writer.apply_writes(repo.did, writes)
    assert await repo.head() == head
    assert await repo.writer.existing(repo.did, keys_of(writes)) == cids_of(writes)


async def test_the_latest_revision_follows_the_commits_and_nothing_else(repo: WriterTarget):
    first, second = batch(2)
    before = await repo.writer.latest_rev(repo.did)
    assert before == (await repo.head())["rev"], "also of a repository without a record of ours"
    stored = await repo.writer.apply_writes(repo.did, [first])
    assert await repo.writer.latest_rev(repo.did) == stored.rev > before
    with pytest.raises(PdsUnclearError):
        await repo.writer.apply_writes(repo.did, [first, second])
    assert await repo.writer.latest_rev(repo.did) == stored.rev
    later = await repo.writer.apply_writes(repo.did, [second])
    assert await repo.writer.latest_rev(repo.did) == later.rev > stored.rev


async def test_what_exists_is_told_by_collection_and_key(repo: WriterTarget):
    one = write_of("shared", {"$type": SCROBBLE, "n": 1})
    two = write_of("shared", {"$type": SONG, "n": 2}, collection=SONG)
    await repo.writer.apply_writes(repo.did, [one, two])
    asked = [(SCROBBLE, "shared"), (SONG, "shared"), (SCROBBLE, "absent"), (SONG, "shared")]
    assert await repo.writer.existing(repo.did, asked) == cids_of([one, two])
    assert await repo.writer.existing(repo.did, []) == {}


async def test_an_impossible_record_is_refused_for_good(repo: WriterTarget):
    head = await repo.head()
    with pytest.raises(PdsRefusedError) as refused:
        await repo.writer.apply_writes(repo.did, [write_of("a/b", scrobble(1))])
    assert refused.value.name
    assert await repo.head() == head


async def test_an_account_that_is_not_known_cannot_be_written(repo: WriterTarget):
    with pytest.raises(PdsSessionLostError):
        await repo.writer.apply_writes("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", batch(1))
    with pytest.raises(PdsSessionLostError):
        await repo.writer.existing("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", [(SCROBBLE, "x")])
    with pytest.raises(PdsSessionLostError):
        await repo.writer.latest_rev("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")


async def test_full_batches_are_written_and_looked_up_in_reasonable_time(
    repo: WriterTarget, record_property: Callable[[str, object], None]
):
    writes = batch(200)
    started = time.perf_counter()
    await repo.writer.apply_writes(repo.did, writes)
    written = time.perf_counter()
    await repo.writer.existing(repo.did, keys_of(writes))
    done = time.perf_counter()
    record_property("apply_200_s", round(written - started, 3))
    record_property("existing_200_s", round(done - written, 3))
    assert done - started < 20
