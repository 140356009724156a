"""From what a handler raises to what the caller reads."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.xrpc_server import Methods, NoParams, NoteOutput, serving
from tonearm.xrpc.errors import STATUS_OF_ERROR, ErrorTable, XrpcError
from tonearm.xrpc.method import BinaryOutput
from tonearm.xrpc.options import XrpcOptions

SECRET = "tok_5ecret"


class ShelfError(Exception):
    """A domain error."""


class EmptyShelfError(ShelfError):
    """A kind of it."""


def raising(error: Exception, **parts: Any) -> Methods:
    async def handler(_call: Any) -> NoteOutput:
        raise error

    return Methods().query(handler, params=NoParams, output=NoteOutput, **parts)


@pytest.mark.parametrize(("name", "status"), list(STATUS_OF_ERROR.items()))
async def test_each_protocol_error_has_its_status(name, status):
    async with serving(raising(XrpcError(name, "because"))) as world:
        answer = await world.get()
    assert answer.status == status
    assert answer.json == {"error": name, "message": "because"}
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_declared_error_is_a_400_with_its_name():
    async with serving(raising(XrpcError("NotFound", "no such shelf"), errors=("NotFound",))) as world:
        answer = await world.get()
    assert (answer.status, answer.json) == (400, {"error": "NotFound", "message": "no such shelf"})


async def test_an_undeclared_error_is_ours_where_errors_are_strict(caplog):
    async with serving(raising(XrpcError("NotFound", "no such shelf"))) as world:
        answer = await world.get()
    assert (answer.status, answer.error) == (500, "InternalServerError")
    assert "undeclared error NotFound" in caplog.text


async def test_an_undeclared_error_is_logged_and_answered_in_production(caplog):
    options = XrpcOptions(strict_errors=False)
    async with serving(raising(XrpcError("NotFound", "no such shelf")), options=options) as world:
        answer = await world.get()
    assert (answer.status, answer.error) == (400, "NotFound")
    assert "undeclared error NotFound" in caplog.text


async def test_an_errors_headers_are_sent():
    error = XrpcError("NotEnoughResources", "later", headers={"Retry-After": "17"})
    async with serving(raising(error)) as world:
        assert (await world.get()).headers["Retry-After"] == "17"


async def test_a_message_in_any_script_arrives():
    async with serving(raising(XrpcError("InvalidRequest", 'naïve "音楽" \ud800'))) as world:
        answer = await world.get()
    assert answer.json["message"] == 'naïve "音楽" \ud800'


async def test_domain_errors_go_through_the_table():
    table = ErrorTable(
        {
            ShelfError: lambda error: XrpcError("InvalidRequest", f"shelf: {error}"),
            EmptyShelfError: lambda error: XrpcError("EmptyShelf", str(error)),
        }
    )
    async with serving(raising(EmptyShelfError("bare"), errors=("EmptyShelf",)), errors=table) as world:
        assert (await world.get()).json == {"error": "EmptyShelf", "message": "bare"}
    async with serving(raising(ShelfError("full")), errors=table) as world:
        assert (await world.get()).json == {"error": "InvalidRequest", "message": "shelf: full"}


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRET),
        ConnectionRefusedError(SECRET),
        aiohttp.ServerDisconnectedError(SECRET),
        ValueError(SECRET),
        KeyError(SECRET),
        TimeoutError(SECRET),
        asyncio.InvalidStateError(SECRET),
        web.HTTPInternalServerError(text=SECRET, reason=SECRET),
        web.HTTPFound(f"/{SECRET}", text=SECRET),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("edge", [True, False], ids=["edge", "app"])
async def test_an_unexpected_error_shows_nothing_of_itself(error, edge, caplog):
    async with serving(raising(error), edge=edge) as world:
        answer = await world.get(headers={"Accept": "text/html"})
        again = await world.get()
    assert answer.status == 500
    assert answer.json == {"error": "InternalServerError", "message": "Internal Server Error"}
    assert SECRET.encode() not in answer.body
    assert all(SECRET not in value for value in answer.headers.values())
    request_id = answer.headers["X-Request-Id"]
    assert request_id != again.headers["X-Request-Id"]
    assert any(request_id in record.message and record.exc_info for record in caplog.records)


async def test_an_error_in_a_task_group_is_the_same_error():
    error = ExceptionGroup("unhandled errors in a TaskGroup", [XrpcError("Forbidden", "no")])
    async with serving(raising(error)) as world:
        assert (await world.get()).error == "Forbidden"


async def test_a_logged_path_stays_on_its_line(caplog):
    async with serving(raising(RuntimeError())) as world:
        await world.raw(b"GET /xrpc/app.test%2eecho?%0aforged HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert [record for record in caplog.records if record.exc_info]
    assert all("\n" not in record.getMessage() and "forged" not in record.getMessage() for record in caplog.records)


async def test_an_aiohttp_refusal_keeps_its_status_in_xrpc_form():
    async with serving(raising(web.HTTPRequestEntityTooLarge(10))) as world:
        answer = await world.get()
    assert (answer.status, answer.error) == (413, "PayloadTooLarge")


class Other(NoteOutput):
    pass


@pytest.mark.parametrize(
    "wrong", [None, {"title": "x"}, "text", b"{}", NoParams()], ids=lambda wrong: type(wrong).__name__
)
async def test_an_output_of_another_type_is_our_error(wrong, caplog):
    async def handler(_call: Any) -> Any:
        return wrong

    async with serving(Methods().query(handler, params=NoParams, output=NoteOutput)) as world:
        answer = await world.get()
    assert (answer.status, answer.error) == (500, "InternalServerError")
    assert "a handler answered" in caplog.text


async def test_a_method_without_output_answers_nothing():
    async def handler(_call: Any) -> None:
        return None

    async def chatty(_call: Any) -> Any:
        return NoteOutput(title="x")

    methods = (
        Methods()
        .procedure(handler, "app.test.quiet", output=None, output_encoding=None, input=None, input_encoding=None)
        .procedure(chatty, "app.test.chatty", output=None, output_encoding=None, input=None, input_encoding=None)
    )
    async with serving(methods) as world:
        answer = await world.post("app.test.quiet")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == "0"
        assert "Content-Type" not in answer.headers
        assert "RateLimit-Limit" in answer.headers
        assert (await world.post("app.test.chatty")).status == 500


def binary(make: Any, **parts: Any) -> Methods:
    async def handler(call: Any) -> BinaryOutput:
        return make(call)

    return Methods().query(handler, params=NoParams, output=None, output_encoding="*/*", **parts)


@pytest.mark.parametrize("edge", [True, False], ids=["edge", "app"])
async def test_a_binary_output_is_sent_whole_or_streamed(edge):
    async def chunks():
        for part in (b"one ", b"two ", b"three"):
            yield part

    async with serving(binary(lambda _: BinaryOutput("audio/x", b"whole", {"X-Note": "1"})), edge=edge) as world:
        answer = await world.get()
        assert (answer.body, answer.headers["Content-Type"], answer.headers["X-Note"]) == (b"whole", "audio/x", "1")
    async with serving(binary(lambda _: BinaryOutput("audio/x", chunks())), edge=edge) as world:
        answer = await world.get()
        assert (answer.status, answer.body) == (200, b"one two three")
        assert answer.headers["RateLimit-Limit"] == "3000"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        head = await world.request("HEAD", "app.test.echo")
        assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("edge", [True, False], ids=["edge", "app"])
async def test_a_stream_that_breaks_off_does_not_look_finished(edge, caplog):
    closed = []

    async def chunks():
        try:
            yield b"x" * 100
            raise RuntimeError(SECRET)
        finally:
            closed.append(True)

    async with serving(binary(lambda _: BinaryOutput("audio/x", chunks())), edge=edge) as world:
        with pytest.raises(aiohttp.ClientPayloadError):
            await world.get()
        raw = await world.raw(b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"0\r\n\r\n" not in raw
    assert SECRET.encode() not in raw
    assert closed == [True, True]
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_a_reader_that_blocks_a_stream_is_dropped():
    ended = asyncio.Event()

    async def chunks():
        try:
            while True:
                yield b"x" * 65536
        finally:
            ended.set()

    options = XrpcOptions(send_timeout_s=0.3)
    async with serving(binary(lambda _: BinaryOutput("audio/x", chunks())), options=options) as world:
        _, writer = await asyncio.open_connection("127.0.0.1", world.port, limit=1024)
        writer.write(b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.transport.pause_reading()
        await asyncio.wait_for(ended.wait(), 5)
        writer.close()


async def test_a_caller_that_does_not_read_a_large_answer_is_dropped(monkeypatch):
    monkeypatch.setattr("tonearm.xrpc.http.responses._WRITE_TIMEOUT_S", 0.3)
    asked = asyncio.Event()

    async def large(_call: Any) -> NoteOutput:
        asked.set()
        return NoteOutput(title="x" * 30_000_000)

    async with serving(Methods().query(large, params=NoParams, output=NoteOutput)) as world:
        _, writer = await asyncio.open_connection("127.0.0.1", world.port, limit=1024)
        writer.write(b"GET /xrpc/app.test.echo HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.transport.pause_reading()
        await asyncio.wait_for(asked.wait(), 5)
        await asyncio.sleep(1)
        assert world.runner.server.connections == []
        writer.close()


def test_a_type_has_one_row():
    table = ErrorTable({ShelfError: lambda _: XrpcError("InvalidRequest", "")})
    with pytest.raises(ValueError, match="ShelfError"):
        table.add(ShelfError, lambda _: XrpcError("Forbidden", ""))
    assert list(table) == [ShelfError]


def test_an_xrpc_error_is_its_own_translation():
    error = XrpcError("Forbidden", "no")
    assert ErrorTable().translate(error) is error
    assert ErrorTable().translate(ValueError()) is None
