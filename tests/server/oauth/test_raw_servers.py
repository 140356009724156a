"""A PDS that speaks HTTP badly, on purpose: it is given up in time, whatever it sends or does not send."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.dance import dancing
from tonearm.identity.oauth import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from tests.support.hostile import HostileWorld

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTES = 64


def _repeated(*parts: bytes, first: bytes = b"") -> list[bytes]:
    """The first part, and then the others until 64 MB have been sent."""
    chunk = b"".join(parts) * max(1, 65_536 // len(b"".join(parts)))
    return [first, *[chunk] * (MEGABYTES * 1024**2 // len(chunk))]


ANSWERS: dict[str, list[bytes]] = {
    "silence": [],
    "nothing": [b""],
    "noise": [bytes(range(256)) * 100],
    "another protocol": [b"SSH-2.0-OpenSSH_9.2p1\r\n"],
    "headers without end": _repeated(b"X-Header: value\r\n", first=HEAD),
    "one header without end": _repeated(b"x", first=HEAD + b"X-Header: "),
    "a status line without end": _repeated(b"x", first=b"HTTP/1.1 200 "),
    "informational answers without end": _repeated(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "chunks without end": _repeated(b"1\r\nx\r\n", first=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "a chunk extension without end": _repeated(b"x", first=HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;"),
    "a length that is a lie": [HEAD + b"Content-Length: 99999999999\r\n\r\n{"],
    "two lengths": [HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
    "a negative length": [HEAD + b"Content-Length: -1\r\n\r\n{}"],
    "a body that breaks off": [HEAD + b"Content-Length: 100\r\n\r\n{}", b""],
    "compressed": [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"],
}


@asynccontextmanager
async def speaking(parts: Iterable[bytes], *, hang: bool) -> AsyncIterator[int]:
    """A server that sends these bytes to whoever connects, and then hangs or closes. Yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for part in parts:
                writer.write(part)
                await writer.drain()
            if hang:
                await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_pds_that_speaks_http_badly_is_given_up(
    world: HostileWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(metadata, "TIMEOUT_S", 1.0)
    hang = kind not in ("nothing", "a body that breaks off")
    async with speaking(ANSWERS[kind], hang=hang) as port:
        hosts = f"{world.settings()['allowed_private_hosts']},127.0.0.1:{port}"
        async with dancing(tmp_path, world, allowed_private_hosts=hosts) as dance:
            rosa = world.person("rosa")
            world.directory.move(rosa.did, f"http://127.0.0.1:{port}")
            before, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            rows = await dance.rows()
            with pytest.raises(Exception, match=f"127.0.0.1:{port}") as refused:
                await dance.begin(rosa.handle)
            assert refused.value.name in ("ServerUnavailable", "ServerUnsuitable")
            assert time.monotonic() - before < 5
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < 40 * 1024
            assert await dance.rows() == rows
