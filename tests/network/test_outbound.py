"""The outbound client against servers on loopback that mean it no good."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.support.hostile import endless, garbage, json_answer, redirect, slow
from tests.support.hostile.peer import Peer
from tests.support.hostile.world import Trap
from tonearm.outbound import (
    OutboundAnswerError,
    OutboundClient,
    OutboundError,
    OutboundRefusedError,
    OutboundUnavailableError,
    destinations,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class World:
    """`peer` may be asked, `other` too; nobody may ask the trap."""

    client: OutboundClient
    peer: Peer
    other: Peer
    trap: Trap


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        peer, other, trap = Peer(), Peer(), Trap()
        for server in (peer, other, trap):
            await stack.enter_async_context(server.running())
        client = OutboundClient(
            user_agent="Tonearm/test",
            allowed_private_hosts=[peer.authority_of_url],
            trusted_origins=[other.origin],
        )
        yield World(await stack.enter_async_context(client), peer, other, trap)


async def test_an_answer_of_any_status_is_an_answer(world: World):
    world.peer.instead["/x"] = json_answer({"error": "no"}, 404, X_Word="yes")
    answer = await world.client.fetch("GET", f"{world.peer.origin}/x", headers={"Accept": "text/x"})
    assert (answer.status, answer.json(), answer.headers["x-WORD"]) == (404, {"error": "no"}, "yes")
    (seen,) = world.peer.log
    assert seen.headers["User-Agent"] == "Tonearm/test"
    assert seen.headers["Accept-Encoding"] == "identity"
    assert seen.headers["Accept"] == "text/x"
    assert "Cookie" not in seen.headers


async def test_cookies_are_not_kept(world: World):
    world.peer.instead["/x"] = json_answer({}, Set_Cookie="a=b; Path=/")
    for _ in range(2):
        await world.client.fetch("GET", f"{world.peer.origin}/x")
    assert ["Cookie" in seen.headers for seen in world.peer.log] == [False, False]


async def test_a_body_is_sent_as_it_is(world: World):
    await world.client.fetch("POST", f"{world.peer.origin}/x", headers={"Content-Type": "a/b"}, body=b"\x00\xff")
    (seen,) = world.peer.log
    assert (seen.method, seen.body, seen.headers["Content-Type"]) == ("POST", b"\x00\xff", "a/b")


def traps(port: int) -> list[str]:
    """Names of a server on our loopback interface, and of what else is near us."""
    hosts = ["127.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"]
    hosts += ["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]"]
    hosts += ["[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "127.0.0.1.", "LOCALHOST", socket.gethostname()]
    metadata = ["169.254.169.254/latest/meta-data/", "[fd00:ec2::254]/latest", "[::ffff:169.254.169.254]/latest"]
    return [f"{s}://{h}:{port}/secret" for h in hosts for s in ("http", "https")] + [
        f"{scheme}://{place}" for place in metadata for scheme in ("http", "https")
    ]


async def test_nothing_near_us_is_asked(world: World):
    for url in traps(world.trap.port):
        with pytest.raises(OutboundError) as raised:
            await world.client.fetch("GET", url, timeout_s=3)
        assert isinstance(raised.value, OutboundRefusedError) or getattr(raised.value, "unknown_host", False), url
    assert world.trap.log == []


async def test_a_redirect_leads_nowhere_near_us(world: World):
    for url in traps(world.trap.port):
        world.peer.instead["/x"] = redirect(url)
        with pytest.raises(OutboundError) as raised:
            await world.client.fetch("GET", f"{world.peer.origin}/x", redirects=3, timeout_s=3)
        assert isinstance(raised.value, OutboundRefusedError) or getattr(raised.value, "unknown_host", False), url
    assert world.trap.log == []


async def test_a_redirect_to_a_place_that_is_allowed_leads_nowhere_else(world: World):
    world.peer.instead["/x"] = redirect(f"{world.other.origin}/y")
    world.other.instead["/y"] = redirect(f"{world.trap.origin}/z")
    with pytest.raises(OutboundRefusedError):
        await world.client.fetch("GET", f"{world.peer.origin}/x", redirects=3)
    assert [len(server.log) for server in (world.peer, world.other, world.trap)] == [1, 1, 0]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "http://", "https://[", "gopher://x/"]
)
async def test_a_redirect_to_no_web_server_is_refused(world: World, location: str):
    world.peer.instead["/x"] = redirect(location)
    with pytest.raises(OutboundRefusedError):
        await world.client.fetch("GET", f"{world.peer.origin}/x", redirects=3)


async def test_redirects_are_an_answer_unless_asked_for_and_are_counted(world: World):
    world.peer.instead["/x"] = redirect("/y")
    world.peer.instead["/y"] = redirect("/z", 307)
    world.peer.instead["/z"] = json_answer("there")
    url = f"{world.peer.origin}/x"
    assert (await world.client.fetch("GET", url)).status == 302
    with pytest.raises(OutboundRefusedError, match="too often"):
        await world.client.fetch("GET", url, redirects=1)
    answer = await world.client.fetch("GET", url, redirects=2)
    assert (answer.json(), answer.url) == ("there", f"{world.peer.origin}/z")
    world.peer.instead["/z"] = redirect("/x")
    with pytest.raises(OutboundRefusedError):
        await world.client.fetch("GET", url, redirects=10)
    with pytest.raises(ValueError, match="GET"):
        await world.client.fetch("POST", url, redirects=1)


async def test_a_secret_is_not_carried_to_another_origin(world: World):
    world.peer.instead["/x"] = redirect("/y")
    world.peer.instead["/y"] = redirect(f"{world.other.origin}/z")
    headers = {"Authorization": "Bearer s3cret", "DPoP": "s3cret", "X-Key": "s3cret", "Accept": "a/b"}
    await world.client.fetch("GET", f"{world.peer.origin}/x", headers=headers, redirects=3)
    assert [seen.headers.get("Authorization") for seen in world.peer.log] == ["Bearer s3cret"] * 2
    (seen,) = world.other.log
    assert "s3cret" not in str(seen.headers)
    assert seen.headers["Accept"] == "a/b"


@asynccontextmanager
async def listening_on(*hosts: str) -> AsyncIterator[tuple[int, list[str]]]:
    """Listen on one port of several loopback addresses; the list has those that were connected to."""
    connected: list[str] = []
    port = 0
    async with AsyncExitStack() as stack:
        for host in hosts:

            def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str = host) -> None:
                connected.append(host)
                writer.close()

            server = await asyncio.start_server(greet, host, port)
            port = server.sockets[0].getsockname()[1]
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
        yield port, connected


async def test_a_name_that_turns_to_us_after_it_was_checked_gains_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """127.0.0.2 plays the public address here; the name's second answer would be 127.0.0.1."""
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []

    def look_up(host: str, port: int, **_kwargs: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[len(asked) - 1]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(destinations, "is_public", lambda address: address == "127.0.0.2")
    async with listening_on("127.0.0.1", "127.0.0.2") as (port, connected):
        with pytest.raises(OutboundUnavailableError):
            await world.client.fetch("GET", f"https://rebinding.example:{port}/")
        assert (connected, asked) == (["127.0.0.2"], ["rebinding.example"])


async def test_of_several_addresses_only_public_ones_are_connected_to(world: World, monkeypatch: pytest.MonkeyPatch):
    def look_up(_host: str, port: int, **_kwargs: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("127.0.0.1", "127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(destinations, "is_public", lambda address: address == "127.0.0.2")
    async with listening_on("127.0.0.1", "127.0.0.2") as (port, connected):
        with pytest.raises(OutboundUnavailableError):
            await world.client.fetch("GET", f"https://two-faced.example:{port}/")
        assert connected == ["127.0.0.2"]
        monkeypatch.setattr(destinations, "is_public", lambda _address: False)
        with pytest.raises(OutboundRefusedError, match="no public address"):
            await world.client.fetch("GET", f"https://other-name.example:{port}/")
        assert connected == ["127.0.0.2"]


async def test_an_answer_that_is_too_large_is_given_up_on(world: World):
    world.peer.instead["/x"] = endless()
    with pytest.raises(OutboundAnswerError, match="65536 bytes"):
        await world.client.fetch("GET", f"{world.peer.origin}/x")
    for _ in range(100):
        if world.peer.sent:
            break
        await asyncio.sleep(0.02)
    assert world.peer.sent["/x"] < 8 * 1024**2  # what the sockets hold
    world.peer.instead["/y"] = garbage("x" * 101)
    with pytest.raises(OutboundAnswerError):
        await world.client.fetch("GET", f"{world.peer.origin}/y", limit_bytes=100)
    assert len((await world.client.fetch("GET", f"{world.peer.origin}/y", limit_bytes=101)).body) == 101


async def test_a_compressed_answer_is_not_unpacked(world: World):
    bomb = gzip.compress(b"\x00" * 50_000_000)

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    world.peer.instead["/x"] = answer
    with pytest.raises(OutboundAnswerError, match="compressed"):
        await world.client.fetch("GET", f"{world.peer.origin}/x")


async def test_a_slow_answer_is_waited_for_only_so_long(world: World):
    world.peer.instead["/x"] = slow()
    started = time.monotonic()
    with pytest.raises(OutboundUnavailableError) as raised:
        await world.client.fetch("GET", f"{world.peer.origin}/x", timeout_s=0.5)
    assert time.monotonic() - started < 2
    assert raised.value.sent


async def test_redirects_do_not_lengthen_the_time(world: World):
    async def late(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return web.Response(status=302, headers={"Location": "/x"})

    world.peer.instead["/x"] = late
    started = time.monotonic()
    with pytest.raises(OutboundUnavailableError):
        await world.client.fetch("GET", f"{world.peer.origin}/x", timeout_s=0.7, redirects=50)
    assert time.monotonic() - started < 2


async def test_a_connection_that_never_was_carried_nothing(world: World):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        async with OutboundClient(user_agent="t", allowed_private_hosts=["127.0.0.1"]) as client:
            with pytest.raises(OutboundUnavailableError) as raised:
                await client.fetch("POST", f"http://127.0.0.1:{port}/", body=b"x")
    assert not raised.value.sent


async def test_a_connection_that_breaks_may_have_carried_the_request(world: World):
    async def break_off(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    world.peer.instead["/x"] = break_off
    with pytest.raises(OutboundUnavailableError) as raised:
        await world.client.fetch("POST", f"{world.peer.origin}/x", body=b"x")
    assert raised.value.sent


@pytest.mark.parametrize("text", ["<html>", "", '{"a":', "[" * 100_000, "\u0000"])
async def test_what_is_no_json_is_told_as_that(world: World, text: str):
    world.peer.instead["/x"] = garbage(text, "text/html")
    answer = await world.client.fetch("GET", f"{world.peer.origin}/x", limit_bytes=1_000_000)
    with pytest.raises(OutboundAnswerError, match="no JSON"):
        answer.json()


async def test_a_header_cannot_be_smuggled_in(world: World):
    with pytest.raises((ValueError, OutboundError)):
        await world.client.fetch("GET", f"{world.peer.origin}/x", headers={"X": "a\r\nEvil: yes"})
    answer = await world.client.fetch("GET", f"{world.peer.origin}/x\r\nEvil: yes")
    assert answer.status == 404
    assert all("Evil" not in seen.headers for seen in world.peer.log)


async def test_no_error_tells_a_secret(world: World):
    world.peer.instead["/s3cret"] = slow()
    urls = [f"{world.peer.origin}/s3cret?s3cret", "https://user:s3cret@public.example/", "http://x.example/s3cret"]
    for url in urls:
        with pytest.raises(OutboundError) as raised:
            await world.client.fetch("GET", url, headers={"Authorization": "s3cret"}, timeout_s=0.2)
        assert "s3cret" not in str(raised.value) + repr(raised.value)


async def test_a_stream_is_read_piece_by_piece_and_not_when_it_stalls(world: World):
    world.peer.instead["/x"] = garbage("x" * 300_000)
    async with world.client.stream("GET", f"{world.peer.origin}/x") as stream:
        assert stream.status == 200
        assert sum([len(chunk) async for chunk in stream.chunks()]) == 300_000

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 1000)
        await asyncio.sleep(30)
        return response

    world.peer.instead["/y"] = stall
    with pytest.raises(OutboundUnavailableError):
        async with world.client.stream("GET", f"{world.peer.origin}/y", idle_timeout_s=0.3) as stream:
            assert [len(chunk) async for chunk in stream.chunks()] == []


async def test_a_stream_that_is_left_early_leaves_no_connection_behind(world: World):
    world.peer.instead["/x"] = endless()
    async with world.client.stream("GET", f"{world.peer.origin}/x") as stream:
        assert [await anext(stream.chunks())]
    for _ in range(100):
        if world.peer.sent:
            break
        await asyncio.sleep(0.02)
    assert world.peer.sent["/x"] < 64 * 1024**2
