"""Event streams: exact frames, exact closes, bounded memory."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvloop
from aiohttp import WSMsgType

from tests.support.xrpc_server import ALICE, EchoParams, Methods, NoParams, NoteOutput, Tick, serving
from tonearm.atproto.frames import decode_frame
from tonearm.xrpc.auth import READ
from tonearm.xrpc.errors import ErrorTable, XrpcError
from tonearm.xrpc.options import XrpcOptions

FAST = XrpcOptions(strict_errors=True, heartbeat_s=30, send_timeout_s=0.3)

HEADER_OF_TICK = bytes.fromhex("a2 61 74 65 23 74 69 63 6b 62 6f 70 01")  # {"t": "#tick", "op": 1}
HEADER_OF_ERROR = bytes.fromhex("a1 62 6f 70 20")  # {"op": -1}


def ws_url(world: Any, query: str = "", nsid: str = "app.test.ticks") -> str:
    return world.url(nsid).replace("http", "ws") + (f"?{query}" if query else "")


async def drained(socket: aiohttp.ClientWebSocketResponse) -> tuple[list[bytes], int | None, str | None]:
    """Everything until the end: the frames, the close code, the reason."""
    frames = []
    async with asyncio.timeout(10):
        while (message := await socket.receive()).type is WSMsgType.BINARY:
            frames.append(message.data)
    reason = message.extra if message.type is WSMsgType.CLOSE else None
    return frames, socket.close_code, reason


@asynccontextmanager
async def subscribed(
    handler: Any, query: str = "", *, headers: Any = None, options: XrpcOptions = FAST, errors=None, **parts
):
    async with (
        serving(Methods().subscription(handler, **parts), options=options, errors=errors) as world,
        world.client.ws_connect(ws_url(world, query), headers=headers, autoclose=False) as socket,
    ):
        yield world, socket


async def three(_call: Any):
    for seq in (1, 2, 3):
        yield Tick(seq=seq)


async def test_messages_are_exact_frames_and_a_normal_end_is_1000():
    async with subscribed(three) as (_, socket):
        frames, code, reason = await drained(socket)
    body = b"\xa1\x63seq"
    assert frames == [HEADER_OF_TICK + body + bytes([seq]) for seq in (1, 2, 3)]
    assert (code, reason) == (1000, "")


async def test_bytes_in_a_message_are_bytes_in_the_frame():
    async def one(_call: Any):
        yield Tick(seq=1, payload=b"\x00\xff")

    async with subscribed(one) as (_, socket):
        frames, _, _ = await drained(socket)
    assert decode_frame(frames[0]).body == {"seq": 1, "payload": b"\x00\xff"}


async def test_a_ready_frame_goes_as_it_is():
    async def ready(_call: Any):
        yield b"\xa2ready"

    async with subscribed(ready) as (_, socket):
        assert (await drained(socket))[0] == [b"\xa2ready"]


async def test_parameters_and_dependencies_reach_the_generator():
    async def counted(call: Any, start: int):
        yield Tick(seq=start + call.params.limit)

    async with subscribed(counted, "text=x&limit=7", params=EchoParams, deps=(100,)) as (_, socket):
        frames, _, _ = await drained(socket)
    assert decode_frame(frames[0]).body == {"seq": 107}


def only_error(frames: list[bytes]) -> dict[str, Any]:
    assert len(frames) == 1
    assert frames[0].startswith(HEADER_OF_ERROR)
    return decode_frame(frames[0]).body


async def test_bad_parameters_are_said_in_a_frame_after_the_upgrade():
    async with subscribed(three, "limit=0&text=x", params=EchoParams) as (_, socket):
        frames, code, reason = await drained(socket)
    assert only_error(frames)["error"] == "InvalidRequest"
    assert "limit" in only_error(frames)["message"]
    assert (code, reason) == (1008, "InvalidRequest")


@pytest.mark.parametrize(
    ("header", "name"),
    [(None, "AuthenticationRequired"), ("Bearer bad", "InvalidToken"), (f"Bearer {ALICE} scrobble", "Forbidden")],
)
async def test_bad_credentials_are_said_in_a_frame_after_the_upgrade(header, name):
    headers = {"Authorization": header} if header else {}
    async with subscribed(three, headers=headers, access=READ) as (_, socket):
        frames, code, reason = await drained(socket)
    assert only_error(frames)["error"] == name
    assert (code, reason) == (1008, name)


async def test_good_credentials_are_the_subscriber():
    async def mine(call: Any):
        yield Tick(seq=len(call.caller.did))

    async with subscribed(mine, headers={"Authorization": f"Bearer {ALICE} read"}, access=READ) as (_, socket):
        frames, code, _ = await drained(socket)
    assert (decode_frame(frames[0]).body, code) == ({"seq": len(ALICE)}, 1000)


async def test_a_declared_error_ends_the_stream_with_its_frame():
    async def ahead(_call: Any):
        yield Tick(seq=1)
        raise XrpcError("FutureCursor", "Cursor in the future.")

    async with subscribed(ahead, errors=None, options=FAST) as (_, socket):
        frames, code, _ = await drained(socket)
    assert code == 1006
    assert len(frames) == 1

    async with (
        serving(Methods().subscription(ahead, errors=("FutureCursor",)), options=FAST) as world,
        world.client.ws_connect(ws_url(world), autoclose=False) as socket,
    ):
        frames, code, reason = await drained(socket)
    error = b"\xa2\x65error\x6cFutureCursor\x67message\x75Cursor in the future."
    assert frames == [HEADER_OF_TICK + b"\xa1\x63seq\x01", HEADER_OF_ERROR + error]
    assert (code, reason) == (1008, "FutureCursor")


async def test_a_domain_error_goes_through_the_table():
    class GapError(Exception):
        pass

    async def gap(_call: Any):
        raise GapError
        yield

    table = ErrorTable({GapError: lambda _: XrpcError("InvalidRequest", "there is a gap")})
    async with subscribed(gap, errors=table) as (_, socket):
        frames, code, _ = await drained(socket)
    assert (only_error(frames)["message"], code) == ("there is a gap", 1008)


async def test_an_unexpected_error_cuts_the_connection_and_says_nothing(caplog):
    async def broken(_call: Any):
        yield Tick(seq=1)
        raise RuntimeError("hunter2")

    async with subscribed(broken) as (_, socket):
        frames, code, reason = await drained(socket)
    assert len(frames) == 1
    assert (code, reason) == (1006, None)
    assert "hunter2" in caplog.text


async def test_a_failure_behind_the_stream_is_no_normal_end(caplog):
    async def broken(_call: Any):
        raise ConnectionResetError("the database has gone")
        yield

    async with subscribed(broken) as (_, socket):
        frames, code, _ = await drained(socket)
    assert (frames, code) == ([], 1006)
    assert "the database has gone" in caplog.text


async def test_a_message_of_another_type_is_our_error(caplog):
    async def wrong(_call: Any):
        yield "text"

    async with subscribed(wrong) as (_, socket):
        frames, code, _ = await drained(socket)
    assert (frames, code) == ([], 1006)
    assert "failed" in caplog.text


async def test_an_unknown_method_is_not_upgraded():
    async with serving(Methods().subscription(three)) as world:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(ws_url(world, nsid="app.test.unknown"))
    assert refused.value.status == 501


@pytest.mark.parametrize(
    "headers",
    [{}, {"Upgrade": "h2c", "Connection": "Upgrade"}, {"Upgrade": "websocket", "Connection": "Upgrade"}],
    ids=["plain", "h2c", "no key"],
)
async def test_a_request_that_is_no_handshake_is_an_invalid_request(headers):
    async with serving(Methods().subscription(three)) as world:
        answer = await world.get("app.test.ticks", headers=headers)
    assert (answer.status, answer.error) == (400, "InvalidRequest")
    assert "WebSocket" in answer.json["message"]


async def test_a_query_takes_no_upgrade():
    async def plain(_call: Any) -> NoteOutput:
        return NoteOutput(title="x")

    async with serving(Methods().query(plain, params=NoParams, output=NoteOutput)) as world:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(ws_url(world, nsid="app.test.echo"))
        assert refused.value.status == 200


async def test_a_rate_beyond_the_limit_is_refused_before_the_upgrade():
    options = XrpcOptions(rate_limit=1, rate_window_s=60)
    async with serving(Methods().subscription(three), options=options) as world:
        async with world.client.ws_connect(ws_url(world)) as socket:
            await drained(socket)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(ws_url(world))
    assert refused.value.status == 429


async def forever(_call: Any, left: asyncio.Event | None = None):
    seq = 0
    try:
        while True:
            yield Tick(seq=seq)
            seq += 1
            await asyncio.sleep(0.01)
    finally:
        if left is not None:
            left.set()


async def test_streams_at_once_are_bounded_and_freed():
    options = XrpcOptions(subscriptions=3, subscriptions_per_address=2)
    left = asyncio.Event()
    async with serving(Methods().subscription(forever, deps=(left,)), options=options) as world:
        sockets = [await world.client.ws_connect(ws_url(world)) for _ in range(2)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(ws_url(world))
        assert refused.value.status == 429
        await sockets[0].close()
        await asyncio.wait_for(left.wait(), 5)
        await asyncio.sleep(0.05)
        sockets.append(await world.client.ws_connect(ws_url(world)))
        for socket in sockets[1:]:
            await socket.close()


async def test_the_generator_is_closed_when_the_subscriber_leaves():
    closed = asyncio.Event()

    async def waiting(_call: Any):
        try:
            yield Tick(seq=1)
            await asyncio.sleep(3600)
        finally:
            closed.set()

    async with subscribed(waiting) as (_, socket):
        await socket.receive()
        await socket.close()
        await asyncio.wait_for(closed.wait(), 5)
        assert socket.close_code == 1000


async def test_the_generator_is_closed_when_the_connection_is_cut():
    closed = asyncio.Event()

    async def waiting(_call: Any):
        try:
            yield Tick(seq=1)
            await asyncio.sleep(3600)
        finally:
            closed.set()

    async with subscribed(waiting) as (_, socket):
        await socket.receive()
        socket._writer.transport.abort()
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_slow_subscriber_is_closed_and_costs_one_buffer():
    made = 0
    ended = asyncio.Event()

    async def flood(_call: Any):
        nonlocal made
        try:
            while True:
                made += 1
                yield b"f" * 65536
        finally:
            ended.set()

    async with serving(Methods().subscription(flood), options=FAST) as world:
        _, writer = await handshaken(world, limit=1024)
        writer.transport.pause_reading()
        await asyncio.wait_for(ended.wait(), 5)
        stopped_at = made
        await asyncio.sleep(0.2)
        assert made == stopped_at
        assert made < 400  # socket buffers of both sides, not memory of ours
        writer.close()


async def test_a_slow_subscriber_that_reads_again_learns_why():
    async def flood(_call: Any):
        while True:
            yield b"f" * 65536

    async with serving(Methods().subscription(flood), options=FAST) as world:
        reader, writer = await handshaken(world, limit=1 << 16)
        writer.transport.pause_reading()
        await asyncio.sleep(0.8)
        writer.transport.resume_reading()
        last = b""
        async with asyncio.timeout(10):
            while chunk := await reader.read(1 << 20):
                last = (last + chunk)[-400:]
        assert b"ConsumerTooSlow" in last
        assert last.endswith(struct.pack(">BBH", 0x88, 2 + len("ConsumerTooSlow"), 1008) + b"ConsumerTooSlow")
        writer.close()


async def handshaken(world: Any, limit: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port, limit=limit)
    writer.write(
        b"GET /xrpc/app.test.ticks HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_client_messages_are_ignored():
    async def after(_call: Any):
        await asyncio.sleep(0.2)
        yield Tick(seq=1)

    async with subscribed(after) as (_, socket):
        for _ in range(10):
            await socket.send_str("hello?")
        frames, code, _ = await drained(socket)
    assert (len(frames), code) == (1, 1000)


async def test_a_talking_client_is_closed():
    async with subscribed(forever) as (_, socket):
        for _ in range(300):
            await socket.send_bytes(b"x")
        frames, code, reason = await drained(socket)
    assert decode_frame(frames[-1]).body["error"] == "InvalidRequest"
    assert (code, reason) == (1008, "InvalidRequest")


async def test_a_client_message_over_its_limit_is_1009():
    async with subscribed(forever) as (_, socket):
        await socket.send_bytes(b"x" * 10_000)
        _, code, _ = await drained(socket)
    assert code == 1009


async def test_a_subscriber_that_answers_no_ping_is_dropped():
    closed = asyncio.Event()

    async def waiting(_call: Any):
        try:
            yield Tick(seq=1)
            await asyncio.sleep(3600)
        finally:
            closed.set()

    options = XrpcOptions(heartbeat_s=0.2)
    async with serving(Methods().subscription(waiting), options=options) as world:
        reader, writer = await handshaken(world, limit=1 << 16)
        await asyncio.wait_for(closed.wait(), 5)
        data = await asyncio.wait_for(reader.read(), 5)
        assert b"\x89\x00" in data  # a ping, which this client leaves unanswered
        writer.close()


async def test_stopping_the_server_ends_its_streams_with_1001():
    async with serving(Methods().subscription(forever), options=FAST) as world:
        socket = await world.client.ws_connect(ws_url(world), autoclose=False)
        await socket.receive()
        reading = asyncio.create_task(drained(socket))
        async with asyncio.timeout(5):
            await world.runner.cleanup()
        _, code, _ = await reading
        assert code == 1001
        assert len(world.router._runtime.streams) == 0
        await socket.close()


@pytest.mark.parametrize(
    "scenario",
    [
        test_messages_are_exact_frames_and_a_normal_end_is_1000,
        test_a_declared_error_ends_the_stream_with_its_frame,
        test_a_slow_subscriber_is_closed_and_costs_one_buffer,
        test_a_slow_subscriber_that_reads_again_learns_why,
        test_the_generator_is_closed_when_the_connection_is_cut,
        test_a_subscriber_that_answers_no_ping_is_dropped,
        test_stopping_the_server_ends_its_streams_with_1001,
    ],
)
def test_it_holds_on_the_event_loop_of_production(scenario):
    uvloop.run(scenario())
