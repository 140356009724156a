"""What createScrobble refuses, with nothing stored; and a PDS that fails, with everything kept."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.obstacles import Obstacles
from tests.support.server import Person, Server, running_server
from tonearm.index.engine import Work, select
from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tonearm.pds.writer import RepoWrite

pytestmark = pytest.mark.asyncio(loop_scope="module")

CREATE = "app.rocksky.scrobble.createScrobble"
SCROBBLE = "app.rocksky.scrobble"
QUEUE, RETRY = "app.tonearm.journal.getQueue", "app.tonearm.journal.retryEntry"
PLAY = {"title": "Wow", "artist": "Kate Bush", "album": "Lionheart", "duration": 238_000, "timestamp": 1_700_000_000}
JSON = {"Content-Type": "application/json"}
TABLES = (
    *("journal", "idempotency", "play", "tombstone", "repo_write", "outbox", "event"),
    *("song", "album", "artist", "actor_song", "actor_album", "actor_artist"),
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("bad"), database=database) as running:
        Obstacles.put_up(running.core)
        yield running


def counted() -> Work[dict[str, int]]:
    found = {}
    for table in TABLES:
        found[table] = (yield select(f"SELECT count(*) FROM {table}"))[0][0]
    return found


async def stored(server: Server) -> dict[str, int]:
    return await server.core.index.read(counted())


async def sent(
    server: Server, data: bytes, headers: dict[str, str] | None = None, *, verb: str = "POST", query: str = ""
) -> tuple[int, Any]:
    """Send bytes as they are; answers status and JSON."""
    given = {"Authorization": f"Bearer {server.token}", **(JSON if headers is None else headers)}
    url = f"{server.url}/xrpc/{CREATE}{query}"
    async with server.http.request(
        verb, url, data=io.BytesIO(data), headers=given, skip_auto_headers=["Content-Type"]
    ) as answer:
        assert answer.content_type == "application/json"
        return answer.status, json.loads(await answer.read())


def play(**changes: str) -> bytes:
    """A play as JSON text, where each change is JSON text too."""
    fields = {name: json.dumps(value) for name, value in PLAY.items()} | changes
    return ("{" + ", ".join(f'"{name}": {text}' for name, text in fields.items()) + "}").encode()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BODIES = {
    "a float": play(duration="1.5"),
    "a float in an unknown field": play(mood="0.5"),
    "an exponent that makes a fraction": play(duration="15e-1"),
    "an endless number": play(duration="1e999"),
    "not a number": play(duration="NaN"),
    "infinity": play(duration="-Infinity"),
    "a number beyond 53 bits": play(timestamp=str(2**53)),
    "a number beyond 64 bits": play(timestamp=str(2**64)),
    "a number of a thousand digits": play(timestamp="9" * 1000),
    "a number of a hundred thousand digits": play(timestamp="9" * 100_000),
    "a number beyond 53 bits in an unknown field": play(mood=str(-(2**53))),
    "a hundred levels": play(mood=nested(100)),
    "a hundred thousand levels": play(mood=nested(100_000)),
    "levels that never end": play(mood="[" * 100_000),
    "bytes that are no UTF-8": play(title='"\xff"').replace("\xff".encode(), b"\xff"),
    "an overlong encoding": play(title='"@"').replace(b"@", b"\xc0\xaf"),
    "UTF-8 cut short": play(title='"@"').replace(b"@", b"\xf0\x9f\x8e"),
    "an encoded surrogate": play(title='"@"').replace(b"@", b"\xed\xa0\x80"),
    "a lone surrogate": play(title=r'"\ud83c"'),
    "a lone low surrogate": play(title=r'"\udfb8 guitar"'),
    "surrogates in the wrong order": play(title=r'"\udfb8\ud83c"'),
    "a lone surrogate in a name": play().replace(b'"album"', rb'"\ud83c"'),
    "a NUL": play(title=r'"Wow\u0000"'),
    "a NUL in an unknown field": play(mood=r'"\u0000"'),
    "a bare control character": play(title='"Wow\n"'),
    "a key twice": play().replace(b'"album": ', b'"title": "Other", "album": '),
    "a key twice deep inside": play(mood='{"a": [{"b": 1, "b": 2}]}'),
    "a key twice, once escaped": play().replace(b'"album": ', rb'"t\u0069tle": "Other", "album": '),
    "UTF-16": play().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + play(),
    "an unfinished text": play()[:-1],
    "two texts": play() + play(),
    "a comma too many": play().replace(b"}", b",}"),
    "a comment": play() + b"// wow",
    "single quotes": play().replace(b'"', b"'"),
    "no JSON": b"title=Wow&artist=Kate+Bush",
    "white space": b" \n ",
    "nothing": b"",
    "null": b"null",
    "a list": b"[" + play() + b"]",
    "a string": b'"Wow"',
    "a number": b"1",
    "an empty object": b"{}",
    "no title": play().replace(b'"title"', b'"name"'),
    "no artist": play().replace(b'"artist"', b'"singer"'),
    "null for the title": play(title="null"),
    "a number for the title": play(title="7"),
    "a list for the artist": play(artist='["Kate Bush"]'),
    "an object for the artist": play(artist='{"name": "Kate Bush"}'),
    "true for the title": play(title="true"),
    "a string for the duration": play(duration='"238000"'),
    "true for the duration": play(duration="true"),
    "a string for the time": play(timestamp='"now"'),
    "a string for the artists": play(artists='"Kate Bush"'),
    "strings for the artists": play(artists='["Kate Bush"]'),
    "an artist without a name": play(artists='[{"mbid": "x"}]'),
    "a number among the genres": play(genres='["art pop", 1]'),
    "no address for the cover": play(albumArt='"front of the sleeve"'),
    "a script for the cover": play(albumArt='"javascript alert(1)"'),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_body_that_is_no_play_is_refused_and_nothing_is_stored(server: Server, body: bytes) -> None:
    before = await stored(server)
    status, answer = await sent(server, body)
    assert (status, answer["error"]) == (400, "InvalidRequest"), answer
    assert set(answer) == {"error", "message"}
    assert answer["message"]
    assert len(answer["message"]) < 500
    assert "Traceback" not in answer["message"]
    assert await stored(server) == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": '""'}, "InvalidScrobble"),
        ({"artist": '" \\t "'}, "InvalidScrobble"),
        ({"timestamp": "-1"}, "TimestampOutOfRange"),
        ({"timestamp": "1035071999"}, "TimestampOutOfRange"),
        ({"timestamp": str(2**53 - 1)}, "TimestampOutOfRange"),
        ({"timestamp": str(-(2**53) + 1)}, "TimestampOutOfRange"),
    ],
)
async def test_a_play_that_makes_no_sense_is_refused_by_its_own_names(
    server: Server, changes: dict[str, str], error: str
) -> None:
    before = await stored(server)
    status, answer = await sent(server, play(**changes))
    assert (status, answer["error"]) == (400, error)
    assert await stored(server) == before


TOO_LARGE = play(title=json.dumps("x" * 1_100_000))


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (TOO_LARGE, JSON),
        (gzip.compress(TOO_LARGE), {**JSON, "Content-Encoding": "gzip"}),
        (gzip.compress(b" " * 200_000_000, 1), {**JSON, "Content-Encoding": "gzip"}),
        (gzip.compress(gzip.compress(TOO_LARGE)), {**JSON, "Content-Encoding": "gzip, gzip"}),
    ],
    ids=["plain", "compressed", "a bomb", "compressed twice"],
)
async def test_a_body_over_the_limit_is_too_large(server: Server, data: bytes, headers: dict[str, str]) -> None:
    before = await stored(server)
    status, answer = await sent(server, data, headers)
    assert (status, answer["error"]) == (413, "PayloadTooLarge")
    assert await stored(server) == before


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({}, 400, "InvalidRequest"),
        ({"Content-Type": "text/plain"}, 400, "InvalidRequest"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 400, "InvalidRequest"),
        ({"Content-Type": "application/json; charset=latin-1"}, 400, "InvalidRequest"),
        ({**JSON, "Content-Encoding": "snappy"}, 415, "UnsupportedMediaType"),
        ({**JSON, "Content-Encoding": "gzip"}, 400, "InvalidRequest"),
        ({**JSON, "Idempotency-Key": "two words"}, 400, "InvalidRequest"),
        ({**JSON, "Idempotency-Key": "x" * 256}, 400, "InvalidRequest"),
        ({**JSON, "Authorization": "Bearer"}, 401, "AuthenticationRequired"),
        ({**JSON, "Authorization": "Basic YWxpY2U6eA=="}, 401, "AuthenticationRequired"),
        ({**JSON, "Authorization": "Bearer tnrm_x"}, 401, "InvalidToken"),
        ({**JSON, "Authorization": "Bearer " + "x." * 5000}, 400, "InvalidToken"),
    ],
)
async def test_a_request_whose_headers_are_wrong_is_refused(
    server: Server, headers: dict[str, str], status: int, error: str
) -> None:
    before = await stored(server)
    got, answer = await sent(server, play(), headers)
    assert (got, answer["error"]) == (status, error)
    assert await stored(server) == before


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
async def test_another_verb_is_refused(server: Server, verb: str) -> None:
    before = await stored(server)
    status, answer = await sent(server, play(), verb=verb)
    assert (status, answer["error"]) == (400, "InvalidRequest")
    assert "POST" in answer["message"]
    assert await stored(server) == before


async def test_what_is_unusual_but_sound_is_taken(server: Server) -> None:
    """A refusal must not be overdone: each of these is one more play of today's clients."""
    who = await server.create_account()
    for number, body in enumerate(
        (
            play(duration="238000.0"),
            play(duration="2.38e5"),
            play(title=r'"\ud83c\udfb8 Wow"'),
            play(title='"🎸 Wow"'),
            play(mood=nested(20)),
            play(album="null", duration="null", artists="null"),
            b" \n" + play() + b"\r\n",
        )
    ):
        data = body.replace(b"1700000000", str(1_700_000_000 + 600 * number).encode())
        headers = {"Authorization": f"Bearer {who.token}", "Content-Type": "Application/JSON; Charset=UTF-8"}
        url = f"{server.url}/xrpc/{CREATE}?unknown=1"
        async with server.http.post(
            url, data=gzip.compress(data), headers={**headers, "Content-Encoding": "gzip"}
        ) as r:
            assert r.status == 200, await r.text()
    status, page = await server.ask("app.rocksky.actor.getActorScrobbles", did=who.did)
    assert status == 200
    assert [view["title"] for view in page["scrobbles"]] == ["Wow", "Wow", "Wow", "🎸 Wow", "🎸 Wow", "Wow", "Wow"]
    assert [view.get("duration") for view in page["scrobbles"]] == [238_000, None, *[238_000] * 5]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("app.rocksky.scrobble.getScrobbles", {"offset": 2**63}),
        ("app.rocksky.scrobble.getScrobbles", {"offset": 10**40}),
        ("app.rocksky.scrobble.getScrobbles", {"limit": 10**40}),
        ("app.rocksky.scrobble.getScrobbles", {"limit": "1.0"}),
        ("app.rocksky.scrobble.getScrobbles", {"did": "\x00"}),
        ("app.rocksky.actor.getActorScrobbles", {}),
        ("app.rocksky.actor.getActorScrobbles", {"did": ["alice.test", "bob.test"]}),
        ("app.rocksky.actor.getProfile", {"did": "x" * 5000}),
        ("app.rocksky.scrobble.getScrobble", {"uri": "at://"}),
        ("app.rocksky.scrobble.getScrobble", {}),
    ],
)
async def test_parameters_that_make_no_sense_are_refused(server: Server, method: str, params: dict[str, Any]) -> None:
    status, answer = await server.ask(method, **params)
    assert (status, answer["error"]) == (400, "InvalidRequest"), answer


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("app.rocksky.song.getSong", {"mbid": "\x00"}, "InvalidRequest"),
        ("app.rocksky.song.getSong", {"isrc": "GB\x00"}, "InvalidRequest"),
        ("app.rocksky.song.getSong", {"spotifyId": "x" * 5000}, "RecordNotFound"),
        ("app.rocksky.song.getSong", {}, "RecordNotFound"),
        ("app.rocksky.scrobble.getScrobbles", {"cursor": "f" * 16 + "." + "f" * 16}, "InvalidCursor"),
        ("app.rocksky.scrobble.getScrobbles", {"cursor": "\x00"}, "InvalidRequest"),
    ],
)
async def test_values_of_the_right_type_that_lead_nowhere_are_refused(
    server: Server, method: str, params: dict[str, Any], error: str
) -> None:
    status, answer = await server.ask(method, **params)
    assert (status, answer["error"]) == (400, error), answer


# A PDS that fails.


async def history(server: Server, who: Person) -> list[str]:
    status, page = await server.ask("app.rocksky.actor.getActorScrobbles", did=who.did)
    assert status == 200
    return [view["uri"] for view in page["scrobbles"]]


async def waiting(server: Server, who: Person) -> list[dict[str, Any]]:
    status, page = await server.ask(QUEUE, token=who.token)
    assert status == 200
    return page["entries"]


async def until(server: Server, who: Person, good: Callable[[list[dict[str, Any]]], bool]) -> None:
    for _ in range(1000):
        if good(await waiting(server, who)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the queue did not come to that within 20 s")


async def arrived(server: Server, who: Person) -> None:
    await until(server, who, lambda entries: not entries)


async def confirmations(server: Server, who: Person) -> list[tuple[str, str]]:
    """(collection, rkey) of each write in the event log."""

    def work() -> Work[list[Any]]:
        return (
            yield select(
                "SELECT w.collection, w.rkey FROM event e JOIN repo_write w ON w.write_id = e.write_id "
                "WHERE w.actor_id = $1 ORDER BY e.seq",
                who.actor_id,
            )
        )

    return await server.core.index.read(work())


@pytest.mark.parametrize(
    "error",
    [
        lambda: PdsUnavailableError("connection refused"),
        lambda: PdsUnclearError("500"),
        lambda: PdsRateLimitedError(time.time() + 0.3),
        lambda: PdsSessionLostError("expired"),
        lambda: PdsRefusedError("InvalidRequest", "not today"),
        lambda: TimeoutError("something nobody thought of"),
    ],
    ids=["unavailable", "unclear", "rate limited", "session lost", "refused", "unheard of"],
)
async def test_a_play_is_kept_while_the_pds_fails_and_arrives_when_it_works(
    server: Server, error: Callable[[], PdsError]
) -> None:
    obstacles = server.core.outbox.routes
    who = await server.create_account()
    obstacles.refuse(who.did, error())
    made = [await server.scrobble(who, **{**PLAY, "timestamp": PLAY["timestamp"] + 60 * n}) for n in range(3)]
    uris = [view["uri"] for view in made]
    assert await history(server, who) == uris[::-1]
    await obstacles.tried(who.did)
    assert await server.records(SCROBBLE, who) == {}
    assert await history(server, who) == uris[::-1]
    assert len(await waiting(server, who)) == 6
    if isinstance(error(), PdsRefusedError):
        await until(server, who, lambda entries: {entry["state"] for entry in entries} == {"refused"})
    obstacles.free(who.did)
    if isinstance(error(), PdsSessionLostError):
        await server.core.outbox.resume(who.actor_id)
    for entry in await waiting(server, who) if isinstance(error(), PdsRefusedError) else []:
        assert (await server.tell(RETRY, {"id": entry["id"]}, token=who.token))[0] == 200
    await arrived(server, who)
    assert [f"at://{who.did}/{SCROBBLE}/{rkey}" for rkey in await server.records(SCROBBLE, who)] == uris[::-1]
    confirmed = await confirmations(server, who)
    assert len(confirmed) == len(set(confirmed)) == 6
    assert await history(server, who) == uris[::-1]


async def test_an_answer_that_is_lost_after_the_commit_makes_no_second_record(server: Server) -> None:
    obstacles = server.core.outbox.routes
    who = await server.create_account()
    obstacles.refuse(who.did, PdsUnclearError("timeout"), after=True)
    made = await server.scrobble(who, **PLAY)
    await arrived(server, who)
    obstacles.free(who.did)
    assert [f"at://{who.did}/{SCROBBLE}/{rkey}" for rkey in await server.records(SCROBBLE, who)] == [made["uri"]]
    assert len(await confirmations(server, who)) == 4
    assert obstacles.calls[who.did] == 1, "what was there was not sent again"


async def test_a_slow_pds_delays_no_answer(server: Server) -> None:
    obstacles = server.core.outbox.routes
    who = await server.create_account()
    gate = asyncio.Event()

    async def slow(_writes: Sequence[RepoWrite]) -> None:
        await gate.wait()

    obstacles.before[who.did] = slow
    first = await server.scrobble(who, **PLAY)
    await obstacles.tried(who.did)
    async with asyncio.timeout(5):
        rest = [await server.scrobble(who, **{**PLAY, "timestamp": PLAY["timestamp"] + n}) for n in (60, 120)]
        assert await history(server, who) == [rest[1]["uri"], rest[0]["uri"], first["uri"]]
        bob = await server.create_account()
        await server.scrobble(bob, **PLAY)
        await arrived(server, bob)
    assert await server.records(SCROBBLE, who) == {}
    gate.set()
    await arrived(server, who)
    assert len(await server.records(SCROBBLE, who)) == 3


async def test_a_play_whose_key_is_taken_by_another_record_gets_the_next_one(server: Server) -> None:
    """Somebody else's client has put a record of its own where the play would go."""
    obstacles = server.core.outbox.routes
    who = await server.create_account()
    obstacles.refuse(who.did, PdsUnavailableError("down"))
    made = await server.scrobble(who, **PLAY)
    rkey = made["uri"].rsplit("/", 1)[1]
    status, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": who.handle, "password": who.password}
    )
    assert status == 200
    foreign = {
        "$type": SCROBBLE,
        "title": "Hammer Horror",
        "artist": "Kate Bush",
        "album": "Lionheart",
        "albumArtist": "Kate Bush",
        "duration": 278_000,
        "createdAt": "2023-11-14T22:13:20.000Z",
    }
    body = {"repo": who.did, "collection": SCROBBLE, "rkey": rkey, "record": foreign}
    status, answer = await server.tell("com.atproto.repo.createRecord", body, token=session["accessJwt"])
    assert status == 200, answer
    obstacles.free(who.did)
    await arrived(server, who)
    records = await server.records(SCROBBLE, who)
    assert records.pop(rkey) == foreign
    ((moved, record),) = records.items()
    assert record["title"] == "Wow"
    assert await history(server, who) == [f"at://{who.did}/{SCROBBLE}/{moved}"]
