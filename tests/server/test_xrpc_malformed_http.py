"""What is not HTTP, or hardly: answered in XRPC's form, never with a traceback, and the server lives on."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from tests.support.xrpc_server import EchoOutput, Methods, NoteOutput, serving
from tonearm.xrpc.options import XrpcOptions


async def echo(call: Any) -> EchoOutput:
    return EchoOutput(text=call.params.text, limit=call.params.limit)


async def note(call: Any) -> NoteOutput:
    return NoteOutput(title=call.input.title)


@pytest.fixture
async def world():
    async with serving(Methods().query(echo).procedure(note)) as world:
        yield world
        assert (await world.get(query="text=alive")).status == 200


POST = b"POST /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

MALFORMED = {
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello\r\n\r\n",
    "no version": b"GET /xrpc/app.test.echo\r\n\r\n",
    "bad version": b"GET /xrpc/app.test.echo HTTP/9.9\r\n\r\n",
    "bad method": b"G@T /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "header without colon": b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost x\r\n\r\n",
    "header name with space": b"GET /xrpc/app.test.echo HTTP/1.1\r\nHo st: x\r\n\r\n",
    "nul in header": b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "negative length": POST + b"Content-Length: -1\r\n\r\n{}",
    "length no number": POST + b"Content-Length: two\r\n\r\n{}",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunked": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "long target": b"GET /xrpc/app.test.echo?text=" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "long header": b"GET /xrpc/app.test.echo?text=x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n",
    "many headers": b"GET /xrpc/app.test.echo?text=x HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n",
}


@pytest.mark.parametrize("name", list(MALFORMED))
async def test_a_malformed_request_is_an_invalid_request(world, name):
    answer = await world.raw(MALFORMED[name])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.split(b"\r\n")[0], answer[:200]
    assert b"application/json" in head
    assert json.loads(body)["error"] == "InvalidRequest"
    for leak in (b"Traceback", b"aiohttp", b"Python", b"xxxxx"):
        assert leak not in answer


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"5\r\nabc\r\n0\r\n\r\n",
        b"-1\r\n\r\n",
        b"fffffffffffffffff\r\nabc\r\n",
        b"3\r\nabcX\r\n0\r\n\r\n",
    ],
)
async def test_a_malformed_chunk_is_an_invalid_request(world, chunks):
    answer = await world.raw(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert b" 400 " in answer.split(b"\r\n")[0], answer[:200]
    assert b'"error":"InvalidRequest"' in answer
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "query",
    [b"text=%ff", b"text=a%00b", b"text=\xff\xfe", b"text=x&limit=%C0%80"],
    ids=["bad utf-8", "nul", "raw bytes", "overlong"],
)
async def test_a_query_string_that_is_no_text_is_an_invalid_request(world, query):
    answer = await world.raw(b"GET /xrpc/app.test.echo?" + query + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b'"error":"InvalidRequest"' in answer


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "text"),
        ("text=x&limit=0", "limit"),
        ("text=x&limit=101", "limit"),
        ("text=x&limit=many", "limit"),
        ("text=x&limit=1.5", "limit"),
        ("text=x&limit=99999999999999999999999", "limit"),
        ("text=x&limit=1&limit=2", "limit"),
        ("text=x&loud=maybe", "loud"),
    ],
)
async def test_a_bad_parameter_is_named(world, query, word):
    answer = await world.get(query=query)
    assert (answer.status, answer.error) == (400, "InvalidRequest")
    assert word in answer.json["message"]


async def test_parameters_are_decoded_as_forms_are(world):
    answer = await world.get(query="text=%C3%A9t%C3%A9+%2B%20%zz&unknown=1&limit=05")
    assert answer.json == {"text": "été + %zz", "limit": 5}


VALID = [
    b"GET /xrpc/app.test.echo?text=some%20text&limit=7 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    POST + b'Content-Length: 25\r\n\r\n{"title":"x","count":1234}',
    POST + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\x1f\x8b\x08\r\n0\r\n\r\n",
    b"OPTIONS /xrpc/app.test.note HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Headers: a,b\r\n\r\n",
]


async def test_no_mutation_of_a_request_is_an_error_of_ours(caplog):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)

    def mutated() -> bytes:
        data = bytearray(chance.choice(VALID).replace(b"Host: x", b"Host: x\r\nConnection: close"))
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        return bytes(data)

    hasty = {"keepalive_timeout": 0.3, "lingering_time": 0.2}
    methods = Methods().query(echo).procedure(note)
    statuses = set()
    async with serving(methods, options=XrpcOptions(body_timeout_s=0.3), **hasty) as world:
        for _ in range(20):
            for answer in await asyncio.gather(*(world.raw(mutated()) for _ in range(25))):
                assert b"Traceback" not in answer, seed
                statuses.add(answer[9:12])
    assert statuses >= {b"200", b"400"}, seed
    assert not {status for status in statuses if status.startswith(b"5")} - {b"501"}, seed
    assert not [record for record in caplog.records if record.levelname == "ERROR"], seed


async def test_a_head_that_never_ends_is_closed():
    async with serving(Methods().query(echo), keepalive_timeout=0.5) as world:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
