"""Two `tonearm serve` processes on one PostgreSQL database."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from tests.support.cli import Serving, Tonearm
from tests.support.databases import postgres_schema
from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.needs_postgres, pytest.mark.asyncio(loop_scope="module")]

CREATE = "app.rocksky.scrobble.createScrobble"
QUEUE = "app.tonearm.journal.getQueue"
PASSWORD = "correct horse battery"
PLAYED_AT = 1_700_000_000


@dataclass
class Pair:
    """Two processes that serve the same accounts, and the database between them."""

    tonearms: tuple[Tonearm, Tonearm]
    servings: tuple[Serving, Serving]
    http: aiohttp.ClientSession
    database: asyncpg.Connection[Any]

    async def account(self) -> tuple[str, str]:
        """Make an account beside the servers; answers its DID and a token."""
        name = f"u{secrets.token_hex(4)}"
        command = ("account", "create", name, "--password-file", "-")
        did = (await asyncio.to_thread(self.tonearms[0].told, *command, stdin=PASSWORD)).split()[-1]
        token = await asyncio.to_thread(self.tonearms[1].told, "token", "create", name, "--name", "test")
        return did, token.strip()

    async def tell(self, which: int, nsid: str, body: Any, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(f"{self.tonearms[which].url}/xrpc/{nsid}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def ask(self, which: int, nsid: str, token: str | None = None, **params: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.tonearms[which].url}/xrpc/{nsid}"
        async with self.http.get(url, params=params, headers=headers) as answer:
            return answer.status, await answer.json()

    async def scrobble(self, which: int, token: str, **play: Any) -> str:
        """Keep a play by one of the processes; answers its URI."""
        status, made = await self.tell(which, CREATE, {"artist": "Kate Bush", "album": "Aerial", **play}, token)
        assert status == 200, made
        return made["uri"]

    async def drained(self, token: str) -> None:
        for _ in range(1000):
            status, page = await self.ask(0, QUEUE, token)
            assert status == 200
            if not page["entries"]:
                return
            await asyncio.sleep(0.03)
        raise AssertionError(f"not published: {page['entries'][:2]}")

    async def history(self, which: int, did: str) -> list[dict[str, Any]]:
        status, page = await self.ask(which, "app.rocksky.actor.getActorScrobbles", did=did, limit=1000)
        assert status == 200
        return page["scrobbles"]

    async def records(self, did: str, collection: str) -> list[str]:
        """The record keys of a collection, read by the second process."""
        rkeys: list[str] = []
        params: dict[str, Any] = {"repo": did, "collection": collection, "limit": 100}
        while True:
            status, page = await self.ask(1, "com.atproto.repo.listRecords", **params)
            assert status == 200, page
            rkeys += [record["uri"].rsplit("/", 1)[1] for record in page["records"]]
            if not page["records"]:
                return rkeys
            params["cursor"] = page["cursor"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Both are reached by one public URL, as behind a balancer, and have the key from their environment."""
    port = free_port()
    key = secrets.token_hex(32)
    async with postgres_schema() as url, aiohttp.ClientSession() as http:
        settings = {
            "database_url": url,
            "master_key": key,
            "public_url": f"http://127.0.0.1:{port}",
            "first_account": "off",
            "rate_limit": "0",
            "log_level": "warning",
        }
        one = Tonearm(tmp_path_factory.mktemp("one"), settings, port=port)
        other = Tonearm(tmp_path_factory.mktemp("other"), settings)
        database = await asyncpg.connect(url)
        with one.serving() as first, other.serving() as second:
            yield Pair((one, other), (first, second), http, database)
            for serving in (first, second):
                assert "Traceback" not in serving.stderr
                assert serving.stdout == ""
        await database.close()


async def test_an_account_and_its_token_are_good_at_both_within_two_seconds(pair: Pair) -> None:
    did, token = await pair.account()
    made = time.monotonic()
    for which in (0, 1):
        while (status := (await pair.ask(which, QUEUE, token))[0]) != 200:
            assert status == 401
            assert time.monotonic() < made + 2
            await asyncio.sleep(0.05)
        status, profile = await pair.ask(which, "app.rocksky.actor.getProfile", token)
        assert (status, profile["did"]) == (200, did)


async def test_a_session_that_one_has_opened_is_good_at_the_other(pair: Pair) -> None:
    did, _ = await pair.account()
    login = {"identifier": did, "password": PASSWORD}
    status, session = await pair.tell(0, "com.atproto.server.createSession", login)
    assert status == 200
    assert (await pair.ask(1, QUEUE, session["accessJwt"]))[0] == 200
    headers = {"Authorization": f"Bearer {session['refreshJwt']}"}
    url = f"{pair.tonearms[1].url}/xrpc/com.atproto.server.refreshSession"
    async with pair.http.post(url, headers=headers) as answer:
        assert answer.status == 200
        renewed = await answer.json()
    assert (await pair.ask(0, QUEUE, renewed["accessJwt"]))[0] == 200


async def test_what_one_has_acknowledged_the_other_answers_at_once(pair: Pair) -> None:
    did, token = await pair.account()
    for number in range(10):
        uri = await pair.scrobble(number % 2, token, title=f"Song {number}", timestamp=PLAYED_AT + 60 * number)
        assert (await pair.history((number + 1) % 2, did))[0]["uri"] == uri


async def test_the_same_plays_reported_to_both_at_once_make_one_record_each(pair: Pair) -> None:
    did, token = await pair.account()
    plays = [{"title": f"Song {n % 7}", "timestamp": PLAYED_AT + 60 * n} for n in range(60)]
    reports = [(which, n) for n in range(len(plays)) for which in (0, 1, n % 2)]
    random.Random(4).shuffle(reports)
    made = await asyncio.gather(*(pair.scrobble(which, token, **plays[n]) for which, n in reports))
    uris: dict[int, set[str]] = {}
    for (_, n), uri in zip(reports, made, strict=True):
        uris.setdefault(n, set()).add(uri)
    assert [len(each) for each in uris.values()] == [1] * 60, "every report of a play is answered with its one record"
    expected = sorted(uri for each in uris.values() for uri in each)
    assert len(set(expected)) == 60
    for which in (0, 1):
        assert sorted(view["uri"] for view in await pair.history(which, did)) == expected
    await pair.drained(token)
    assert (
        sorted(f"at://{did}/app.rocksky.scrobble/{rkey}" for rkey in await pair.records(did, "app.rocksky.scrobble"))
        == expected
    )
    assert len(await pair.records(did, "app.rocksky.song")) == 7
    assert len(await pair.records(did, "app.rocksky.album")) == 1
    assert len(await pair.records(did, "app.rocksky.artist")) == 1


async def test_songs_that_are_new_to_both_are_kept_once_and_counted_whole(pair: Pair) -> None:
    listeners = [await pair.account() for _ in range(3)]
    album = f"Album {secrets.token_hex(4)}"
    plays = [
        (number % 2, token, {"title": f"Song {number % 11}", "album": album, "timestamp": PLAYED_AT + number})
        for number in range(66)
        for _, token in listeners
    ]
    made = await asyncio.gather(*(pair.scrobble(which, token, **play) for which, token, play in plays))
    assert len(set(made)) == len(plays)
    rows = await pair.database.fetch("SELECT title FROM song WHERE album = $1", album)
    assert Counter(row["title"] for row in rows) == {f"Song {n}": 1 for n in range(11)}
    for did, token in listeners:
        history = await pair.history(0, did)
        assert Counter(view["title"] for view in history) == {f"Song {n}": 6 for n in range(11)}
        status, song = await pair.ask(1, "app.rocksky.song.getSong", uri=history[0]["trackUri"])
        assert (status, song["playCount"], song["uniqueListeners"]) == (200, 18, 3)
        await pair.drained(token)
        assert len(await pair.records(did, "app.rocksky.song")) == 11


async def test_each_write_is_published_and_announced_once(pair: Pair) -> None:
    listeners = [await pair.account() for _ in range(4)]
    tasks = [
        pair.scrobble((number + at) % 2, token, title=f"Song {number}", timestamp=PLAYED_AT + number)
        for number in range(40)
        for at, (_, token) in enumerate(listeners)
    ]
    await asyncio.gather(*tasks)
    for did, token in listeners:
        await pair.drained(token)
        writes = await pair.database.fetch(
            "SELECT w.write_id, w.collection || '/' || w.rkey AS key, e.seq FROM repo_write w "
            "JOIN actor a ON a.actor_id = w.actor_id LEFT JOIN event e ON e.write_id = w.write_id WHERE a.did = $1",
            did,
        )
        assert len(writes) == 40 + 40 + 1 + 1
        assert len({write["write_id"] for write in writes}) == len(writes), "one event each"
        assert all(write["seq"] is not None for write in writes)
        stored = await pair.database.fetch(
            "SELECT p.collection || '/' || p.rkey AS key FROM pds_record p "
            "JOIN pds_repo r ON r.repo_id = p.repo_id WHERE r.did = $1",
            did,
        )
        assert sorted(row["key"] for row in stored) == sorted(write["key"] for write in writes)
    seqs = [row["seq"] for row in await pair.database.fetch("SELECT seq FROM event ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1)), "no gap and no number twice"


async def test_a_process_with_another_key_is_refused(pair: Pair, tmp_path: Path) -> None:
    settings = {**pair.tonearms[0].settings, "master_key": secrets.token_hex(32)}
    told = await asyncio.to_thread(Tonearm(tmp_path, settings).refused, "serve")
    assert "key" in told
    del settings["master_key"]
    told = await asyncio.to_thread(Tonearm(tmp_path, settings).refused, "serve")
    assert "master.key is missing" in told
    assert not (tmp_path / "data" / "master.key").exists()


async def test_when_one_is_stopped_the_others_go_on(pair: Pair, tmp_path: Path) -> None:
    did, token = await pair.account()
    third = Tonearm(tmp_path, pair.tonearms[0].settings)
    with third.serving() as serving:
        for number in range(20):
            play = {"title": f"Song {number}", "artist": "Kate Bush", "timestamp": PLAYED_AT + number}
            status, _ = await asyncio.to_thread(serving.call, "POST", CREATE, play, token=token)
            assert status == 200
        assert await asyncio.to_thread(serving.stop) == 0
        assert "Traceback" not in serving.stderr
    await pair.scrobble(0, token, title="One more", timestamp=PLAYED_AT + 999)
    await pair.drained(token)
    assert len(await pair.history(1, did)) == 21
    assert len(await pair.records(did, "app.rocksky.scrobble")) == 21
