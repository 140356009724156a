"""Request bodies: types, codings, sizes, bad JSON, slow arrival."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

import brotli
import pytest

from tests.support.xrpc_server import Methods, NoParams, NoteOutput, serving
from tonearm.xrpc import endpoint
from tonearm.xrpc.auth import MANAGE
from tonearm.xrpc.options import XrpcOptions

if TYPE_CHECKING:
    from tonearm.xrpc.method import BinaryInput

KIB = 1024
JSON = {"Content-Type": "application/json"}


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "identity": bytes,
}


class Notes:
    """What the handlers saw; a refused body must leave it empty."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.threads: set[str] = set()

    async def note(self, call: Any) -> NoteOutput:
        self.seen.append(call)
        return NoteOutput(title=call.input.title, key=call.idempotency_key)

    async def blob(self, call: Any) -> NoteOutput:
        body: BinaryInput = call.input
        chunks = [chunk async for chunk in body.chunks]
        self.seen.append((body.content_type, body.content_length, b"".join(chunks)))
        return NoteOutput(title=str(sum(map(len, chunks))))

    async def nothing(self, call: Any) -> NoteOutput:
        self.seen.append(call)
        return NoteOutput(title="nothing")

    def methods(self) -> Methods:
        return (
            Methods()
            .procedure(self.note)
            .procedure(self.blob, "app.test.blob", input=None, input_encoding="*/*")
            .procedure(self.blob, "app.test.image", input=None, input_encoding="image/*")
            .procedure(self.blob, "app.test.car", input=None, input_encoding="application/vnd.ipld.car")
            .procedure(self.nothing, "app.test.nothing", input=None, input_encoding=None)
            .query(self.nothing, "app.test.ask", output=NoteOutput, params=NoParams)
            .procedure(self.note, "app.test.secret", access=MANAGE)
        )


OPTIONS = XrpcOptions(
    strict_errors=True,
    body_limit_bytes=64 * KIB,
    stream_limit_bytes=256 * KIB,
    thread_parse_bytes=32 * KIB,
    body_timeout_s=0.4,
    body_limits_bytes={"app.test.car": 1024 * KIB},
)


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture(params=[True, False], ids=["edge", "app"])
async def world(request, notes):
    async with serving(notes.methods(), options=OPTIONS, edge=request.param) as world:
        yield world


def refused(answer: Any, status: int, error: str, *words: str) -> None:
    assert (answer.status, answer.error) == (status, error), answer.body
    for word in words:
        assert word in answer.json["message"], answer.json["message"]


async def test_a_body_without_a_type_is_refused(world, notes):
    answer = await world.raw(
        b'POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{"title":"x"}'
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Request encoding (Content-Type) required but not provided" in answer
    assert notes.seen == []


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonx", "application/*", "json", "", "application/json+x"])
async def test_a_body_of_another_type_is_refused(world, notes, kind):
    answer = await world.post(data=b'{"title":"x"}', headers={"Content-Type": kind})
    refused(answer, 400, "InvalidRequest", "Wrong request encoding")
    assert notes.seen == []


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "application/json ;q=1"],
)
async def test_json_is_known_by_its_type_whatever_its_parameters(world, kind):
    assert (await world.post(data=b'{"title":"x"}', headers={"Content-Type": kind})).status == 200


async def test_json_in_another_charset_is_refused(world):
    answer = await world.post(data=b'{"title":"x"}', headers={"Content-Type": "application/json; charset=latin-1"})
    refused(answer, 400, "InvalidRequest", "Wrong request encoding")


@pytest.mark.parametrize(
    ("nsid", "kind", "status"),
    [
        ("app.test.blob", "video/mp4", 200),
        ("app.test.blob", "nonsense", 400),
        ("app.test.image", "image/png", 200),
        ("app.test.image", "text/html", 400),
        ("app.test.image", "image/*", 400),
        ("app.test.car", "application/vnd.ipld.car", 200),
        ("app.test.car", "application/json", 400),
    ],
)
async def test_a_media_range_takes_what_it_covers(world, nsid, kind, status):
    assert (await world.post(nsid, data=b"bytes", headers={"Content-Type": kind})).status == status


def note_of(size: int) -> bytes:
    """A valid body of exactly `size` bytes."""
    body = json.dumps({"title": "x", "pad": ""}).encode()
    return body[:-2] + b"p" * (size - len(body)) + body[-2:]


async def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(world, notes):
    assert (await world.post(data=note_of(64 * KIB), headers=JSON)).status == 200
    refused(await world.post(data=note_of(64 * KIB + 1), headers=JSON), 413, "PayloadTooLarge", "65536")
    assert len(notes.seen) == 1


async def test_a_chunked_body_over_the_limit_is_refused(world, notes):
    async def chunks():
        for _ in range(100):
            yield b"x" * KIB

    refused(await world.post(data=chunks(), headers=JSON), 413, "PayloadTooLarge")
    assert notes.seen == []


async def test_a_declared_length_over_the_limit_is_refused_before_the_body_comes(world):
    head = b"POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n"
    answer = await asyncio.wait_for(world.raw(head, until_closed=False), 0.3)
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_streamed_body_has_its_own_limit(world, notes):
    kind = {"Content-Type": "image/png"}
    assert (await world.post("app.test.image", data=b"i" * 256 * KIB, headers=kind)).status == 200
    refused(await world.post("app.test.image", data=b"i" * (256 * KIB + 1), headers=kind), 413, "PayloadTooLarge")
    assert [len(body) for _, _, body in notes.seen] == [256 * KIB]


async def test_a_method_may_have_a_limit_of_its_own(world):
    kind = {"Content-Type": "application/vnd.ipld.car"}
    assert (await world.post("app.test.car", data=b"c" * 1024 * KIB, headers=kind)).status == 200


async def test_a_streamed_body_keeps_its_type_and_length(world, notes):
    await world.post("app.test.blob", data=b"abc", headers={"Content-Type": "Image/PNG; q=1"})
    assert notes.seen == [("image/png", 3, b"abc")]


@pytest.mark.parametrize("coding", list(PACKERS))
async def test_each_coding_is_undone(world, notes, coding):
    body = PACKERS[coding](b'{"title":"packed"}')
    answer = await world.post(data=body, headers={**JSON, "Content-Encoding": coding})
    assert answer.json == {"title": "packed"}
    assert notes.seen[0].raw == b'{"title":"packed"}'


async def test_deflate_without_its_wrapper_is_undone(world):
    answer = await world.post(data=raw_deflate(b'{"title":"raw"}'), headers={**JSON, "Content-Encoding": "deflate"})
    assert answer.json == {"title": "raw"}


async def test_a_chain_of_codings_is_undone_from_its_end(world):
    body = brotli.compress(gzip.compress(zlib.compress(b'{"title":"chain"}')))
    for value in ("deflate, gzip, br", "Deflate,GZIP , identity, br"):
        answer = await world.post(data=body, headers={**JSON, "Content-Encoding": value})
        assert answer.json == {"title": "chain"}


async def test_gzip_members_are_read_on(world):
    body = gzip.compress(b'{"title":') + gzip.compress(b'"two"}')
    assert (await world.post(data=body, headers={**JSON, "Content-Encoding": "gzip"})).json == {"title": "two"}


@pytest.mark.parametrize("coding", ["zstd", "compress", "gzip, zstd", "nonsense", "gzip, gzip, gzip, gzip, gzip"])
async def test_an_unknown_or_endless_coding_is_unsupported(world, notes, coding):
    answer = await world.post(data=b"whatever", headers={**JSON, "Content-Encoding": coding})
    refused(answer, 415, "UnsupportedMediaType")
    assert notes.seen == []


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"this is no gzip"),
        ("deflate", b"\x78this is no deflate"),
        ("deflate", b"\xff\xff\xff\xff"),
        ("br", b"\xff\xff this is no brotli"),
        ("gzip", gzip.compress(note_of(2000))[:-9]),
        ("deflate", zlib.compress(note_of(2000))[:-5]),
        ("br", brotli.compress(note_of(2000))[:-3]),
        ("gzip", gzip.compress(b'{"title":"x"}') + b"trailing"),
        ("deflate", zlib.compress(b'{"title":"x"}') + b"trailing"),
        ("br", brotli.compress(b'{"title":"x"}') + b"trailing"),
        ("gzip", gzip.compress(b'{"title":"x"}')[:-8] + bytes(8)),
        ("gzip", gzip.compress(b"") * 100),
    ],
    ids=[
        "gzip",
        "deflate",
        "raw",
        "br",
        "short gzip",
        "short deflate",
        "short br",
        "gzip+",
        "deflate+",
        "br+",
        "crc",
        "members",
    ],
)
async def test_a_broken_coding_is_an_invalid_request(world, notes, coding, body):
    answer = await world.post(data=body, headers={**JSON, "Content-Encoding": coding})
    refused(answer, 400, "InvalidRequest")
    assert notes.seen == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_a_bomb_is_refused_by_its_decoded_size(world, notes, coding):
    bomb = PACKERS[coding](b" " * 64 * 1024 * KIB)
    started = time.monotonic()
    answer = await world.post(data=bomb, headers={**JSON, "Content-Encoding": coding})
    assert answer.status == 413
    assert time.monotonic() - started < 2
    assert notes.seen == []


async def test_a_bomb_inside_a_chain_is_refused(world):
    bomb = gzip.compress(gzip.compress(b" " * 256 * 1024 * KIB))
    assert len(bomb) < 4 * KIB
    started = time.monotonic()
    answer = await world.post(data=bomb, headers={**JSON, "Content-Encoding": "gzip, gzip"})
    refused(answer, 413, "PayloadTooLarge")
    assert time.monotonic() - started < 1


async def test_a_bomb_in_a_streamed_body_is_refused(world, notes):
    bomb = gzip.compress(bytes(64 * 1024 * KIB))
    answer = await world.post("app.test.blob", data=bomb, headers={"Content-Type": "a/b", "Content-Encoding": "gzip"})
    refused(answer, 413, "PayloadTooLarge")
    assert notes.seen == []


async def test_a_coded_stream_has_no_known_length(world, notes):
    await world.post(
        "app.test.blob", data=gzip.compress(b"abc"), headers={"Content-Type": "a/b", "Content-Encoding": "gzip"}
    )
    assert notes.seen == [("a/b", None, b"abc")]


@pytest.mark.parametrize(
    ("name", "body"),
    {
        "empty": b"",
        "not json": b"title=x",
        "cut": b'{"title":"x"',
        "trailing": b'{"title":"x"} {}',
        "duplicate key": b'{"title":"x","title":"y"}',
        "float": b'{"title":"x","count":1.5}',
        "nan": b'{"title":"x","count":NaN}',
        "infinity": b'{"title":"x","count":Infinity}',
        "huge integer": b'{"title":"x","count":9007199254740993}',
        "endless integer": b'{"title":"x","count":' + b"9" * 5000 + b"}",
        "lone surrogate": b'{"title":"\\ud800"}',
        "nul": b'{"title":"a\\u0000b"}',
        "raw nul": b'{"title":"a\x00b"}',
        "bad utf-8": b'{"title":"\xff\xfe"}',
        "utf-16": '{"title":"x"}'.encode("utf-16"),
        "bom": b"\xef\xbb\xbf" + b'{"title":"x"}',
        "deep": b'{"title":"x","deep":' + b"[" * 3000 + b"]" * 3000 + b"}",
        "deep objects": b'{"title":"x","deep":' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}",
        "array": b"[]",
        "string": b'"title"',
        "null": b"null",
        "missing": b"{}",
        "wrong type": b'{"title":5}',
        "explicit null": b'{"title":null}',
        "null optional": b'{"title":"x","count":null}',
        "number as text": b'{"title":"x","count":"1"}',
        "bool as number": b'{"title":"x","count":true}',
    }.items(),
)
async def test_a_bad_body_is_an_invalid_request_and_reaches_nobody(world, notes, name, body):
    answer = await world.post(data=body, headers=JSON)
    refused(answer, 400, "InvalidRequest")
    assert notes.seen == [], name


async def test_the_same_bad_bodies_are_refused_when_they_are_large(world, notes):
    pad = b'"pad":"' + b"x" * 40 * KIB + b'",'
    for bad in (
        b'"title":"x","title":"y"',
        b'"title":"x","count":1.5',
        b'"title":"\\ud800"',
        b'"title":5',
        b'"title":"\xff"',
    ):
        refused(await world.post(data=b"{" + pad + bad + b"}", headers=JSON), 400, "InvalidRequest")
    assert notes.seen == []


async def test_the_message_names_the_place(world):
    answer = await world.post(data=b'{"title":"x","count":"1"}', headers=JSON)
    refused(answer, 400, "InvalidRequest", "count", "must be an integer")


async def test_an_integer_written_as_a_float_is_an_integer(world, notes):
    await world.post(data=b'{"title":"x","count":2.0}', headers=JSON)
    assert notes.seen[0].input.count == 2


async def test_large_bodies_are_parsed_in_threads_two_at_a_time(notes, monkeypatch):
    real, lock = endpoint.parse_json, threading.Lock()
    running, most, threads = 0, 0, set()

    def parse(raw: bytes) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            threads.add(threading.current_thread() is threading.main_thread())
        time.sleep(0.02)
        with lock:
            running -= 1
        return real(raw)

    monkeypatch.setattr(endpoint, "parse_json", parse)
    async with serving(notes.methods(), options=OPTIONS) as world:
        answers = await asyncio.gather(*(world.post(data=note_of(33 * KIB), headers=JSON) for _ in range(12)))
    assert {answer.status for answer in answers} == {200}
    assert most == 2
    assert threads == {False}


@pytest.mark.parametrize("headers", [{}, JSON, {"Content-Length": "0"}])
async def test_a_method_without_input_takes_an_empty_body(world, notes, headers):
    assert (await world.post("app.test.nothing", headers=headers)).status == 200
    assert notes.seen[0].input is None


async def test_a_method_without_input_takes_an_empty_chunked_body(world, notes):
    head = b"POST /xrpc/app.test.nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
    assert (await world.raw(head)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("verb", ["POST", "GET"])
async def test_a_method_without_input_refuses_a_body(world, notes, verb):
    nsid = "app.test.nothing" if verb == "POST" else "app.test.ask"

    async def chunks():
        yield b"{}"

    for data in (b"{}", chunks()):
        answer = await world.request(verb, nsid, data=data, headers=JSON)
        refused(answer, 400, "InvalidRequest", "none was expected")
    assert notes.seen == []


async def test_a_body_that_trickles_in_is_given_up_on(world, notes):
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    head = b"POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head)
    started = time.monotonic()
    answer = asyncio.ensure_future(reader.readuntil(b"}"))
    while not answer.done():
        writer.write(b" ")
        await asyncio.sleep(0.05)
        assert time.monotonic() - started < 3
    assert (await answer).startswith(b"HTTP/1.1 400 ")
    assert b"did not arrive" in answer.result()
    writer.close()
    assert notes.seen == []


async def test_a_stream_that_pauses_is_given_up_on(world, notes):
    head = b"POST /xrpc/app.test.blob HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 1000\r\n\r\nsome"
    answer = await asyncio.wait_for(world.raw(head, until_closed=False), 2)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert notes.seen == []


async def test_a_caller_that_hangs_up_in_its_body_reaches_nobody(world, notes, caplog):
    _, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(
        b"POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.1)
    assert notes.seen == []
    assert (await world.post(json={"title": "still here"})).status == 200


async def test_a_caller_that_waits_for_leave_gets_it_when_it_is_admitted(world):
    body = b'{"title":"waited"}'
    head = (
        b"POST /xrpc/%b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(head % (b"app.test.note", len(body)))
    assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2) == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    refused_at_once = await world.raw(head % (b"app.test.secret", len(body)), until_closed=False)
    assert refused_at_once.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("key", ["a", "x" * 255, "0b5c-!~"])
async def test_the_idempotency_key_reaches_the_handler(world, key):
    answer = await world.post(json={"title": "x"}, headers={"Idempotency-Key": key})
    assert answer.json["key"] == key


@pytest.mark.parametrize("key", ["", "x" * 256, "has space", "käse", "\x7f"])
async def test_a_bad_idempotency_key_is_refused(world, notes, key):
    head = b"POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 13\r\nConnection: close\r\n"
    answer = await world.raw(head + b"Idempotency-Key: " + key.encode("latin-1") + b'\r\n\r\n{"title":"x"}')
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert notes.seen == []


async def test_auth_is_asked_before_the_body_is_looked_at(world, notes):
    answer = await world.post("app.test.secret", data=b"not even json", headers={"Content-Type": "text/plain"})
    refused(answer, 401, "AuthenticationRequired")
    answer = await world.post("app.test.secret", data=b"x" * 100 * KIB, headers=JSON)
    refused(answer, 401, "AuthenticationRequired")
    assert notes.seen == []
