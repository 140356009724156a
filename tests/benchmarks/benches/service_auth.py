"""What a service token adds to a request: the same query with one and without any, on one connection.

Each token is of its own, since none is taken twice; they are made beforehand. The caller's DID document is remembered
by the server after the first call, and the directory that has it is in this process. Per round the medians of all
requests are subtracted. The address of the anonymous caller and the caller of the token are both without a rate limit.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import time
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any, get_args

from aiohttp import web

from tests.benchmarks import ours
from tests.benchmarks.http_client import drive, request
from tests.benchmarks.processes import HOST, ServerFailedError
from tests.benchmarks.report import Bar, Row, alone
from tests.benchmarks.rounds import interleaved
from tonearm.atproto.did_key import Curve, SigningKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.benchmarks.rounds import Run

WHAT = "what a service token adds to a request"
EXPECTED_S = 60
QUICK_S = 15
_BAR = Bar("at most", 500)
_METHOD = "app.rocksky.scrobble.getScrobbles"
_TARGET = f"/xrpc/{_METHOD}?limit=1"
_NOBODY = "anonymous"


async def measure(run: Run) -> list[Row]:
    """Ask with tokens of both curves and without one, in turn."""
    keys = {
        f"did:plc:{letter * 24}": SigningKey.generate(curve)
        for letter, curve in zip("bc", get_args(Curve), strict=True)
    }
    folder = run.cache / "run-service-auth"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = 500 if run.quick else 3000
    async with _directory(keys) as plc_url, ours.serving(folder, TONEARM_PLC_URL=plc_url) as server:

        async def median_us(did: str) -> float:
            key = keys.get(did)
            headers = _tokens(did, key, f"did:web:{HOST}%3A{server.port}", count) if key else ({} for _ in range(count))
            messages = [request("GET", _TARGET, server.port, headers=header) for header in headers]
            load = await drive(HOST, server.port, iter(messages), 1)
            if load.refused:
                raise ServerFailedError(f"calls were refused: {load.refused}")
            return load.latency_ms(0.5) * 1000

        for did in (_NOBODY, *keys):
            await median_us(did)
        found = await interleaved(run.rounds, {did: lambda did=did: median_us(did) for did in (_NOBODY, *keys)})
    rows = [alone("service-auth", "the query, anonymous", "us", found[_NOBODY])]
    for did, key in keys.items():
        added = [mine - plain for mine, plain in zip(found[did], found[_NOBODY], strict=True)]
        rows.append(alone("service-auth", f"a token of {key.public.jwt_algorithm} adds", "us", added, _BAR))
    return rows


def _tokens(did: str, key: SigningKey, audience: str, count: int) -> Iterator[dict[str, str]]:
    now = int(time.time())
    head = _part({"typ": "JWT", "alg": key.public.jwt_algorithm})
    for _ in range(count):
        claims = {
            "iss": did,
            "aud": audience,
            "lxm": _METHOD,
            "iat": now,
            "exp": now + 600,
            "jti": secrets.token_hex(16),
        }
        signed = f"{head}.{_part(claims)}"
        signature = urlsafe_b64encode(key.sign(signed.encode())).rstrip(b"=").decode()
        yield {"Authorization": f"Bearer {signed}.{signature}"}


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


@contextlib.asynccontextmanager
async def _directory(keys: dict[str, SigningKey]) -> AsyncIterator[str]:
    async def document(asked: web.Request) -> web.Response:
        did = asked.match_info["did"]
        method = {"id": "#atproto", "type": "Multikey", "publicKeyMultibase": keys[did].public_multibase()}
        return web.json_response({"id": did, "verificationMethod": [method]})

    async def take(_asked: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/{did}", document), web.post("/{did}", take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
