"""The load client reads answers as servers send them, and times nothing that it was not sent."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tests.benchmarks.http_client import drive, fetch, request
from tests.benchmarks.processes import HOST, free_port


@pytest.fixture
async def port():
    seen = 0

    async def count(received: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        body = await received.read()
        return web.Response(body=body or b"%d" % seen, status=503 if received.query.get("broken") else 200)

    async def chunked(received: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(received)
        for part in (b"first, ", b"second"):
            await response.write(part)
            await asyncio.sleep(0.01)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_route("*", "/count", count)
    app.router.add_get("/chunked", chunked)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = free_port()
    await web.TCPSite(runner, HOST, listening).start()
    yield listening
    await runner.cleanup()


async def test_a_chunked_answer_is_joined(port):
    assert (await fetch(HOST, port, "/chunked")).body == b"first, second"


async def test_a_large_answer_in_many_pieces_is_read_whole(port):
    body = bytes(range(256)) * 4000
    load = await drive(HOST, port, iter([request("POST", "/count", port, body=body)]), 1)
    assert len(load.latencies) == 1
    assert (await fetch(HOST, port, "/count")).body == b"2"


async def test_every_request_is_sent_once_over_all_connections(port):
    load = await drive(HOST, port, iter([request("GET", "/count", port)] * 200), 16)
    assert len(load.latencies) == 200
    assert (await fetch(HOST, port, "/count")).body == b"201"


async def test_a_refusal_is_counted_apart_from_the_answers(port):
    messages = [request("GET", "/count?broken=1", port), request("GET", "/count", port)]
    load = await drive(HOST, port, iter(messages), 1)
    assert load.refused == {503: 1}
    assert len(load.latencies) == 1


async def test_a_window_ends_when_its_time_is_over(port):
    endless = iter(lambda: request("GET", "/count", port), None)
    load = await drive(HOST, port, endless, 4, limit_s=0.2)
    assert 0.2 <= load.elapsed_s < 2
    assert load.rate > 10
