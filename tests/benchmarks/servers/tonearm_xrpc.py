"""The product's own XRPC runtime and generated classes, with handlers that answer constants.

It is served as the product serves it (`EdgeRunner`, uvloop, the collector settled); only the rate limit is off and
nobody authenticates.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import uvloop
from aiohttp import web

from tests.benchmarks.servers.constants import CREATED, VIEW
from tonearm.app import settle_memory
from tonearm.lexicons.app.rocksky.scrobble import create_scrobble, defs, get_scrobbles
from tonearm.lexicons.router import Router
from tonearm.xrpc.auth import ANYONE
from tonearm.xrpc.http.server import EdgeRunner
from tonearm.xrpc.options import XrpcOptions

if TYPE_CHECKING:
    from tonearm.xrpc.auth import Principal
    from tonearm.xrpc.method import ProcedureCall, QueryCall
    from tonearm.xrpc.models import Model


def _by_attribute(model: type[Model], wire: dict[str, Any]) -> dict[str, Any]:
    """Rename wire names to the model's attributes."""
    return {
        name: wire[field.alias or name] for name, field in model.model_fields.items() if (field.alias or name) in wire
    }


_VIEW = _by_attribute(defs.ScrobbleViewBasic, VIEW)
_CREATED = _by_attribute(create_scrobble.Output, CREATED)


async def answer_page(call: QueryCall[get_scrobbles.Params]) -> get_scrobbles.Output:
    """Answer `limit` rows, each built and validated anew, as from a database."""
    return get_scrobbles.Output(scrobbles=[defs.ScrobbleViewBasic(**_VIEW) for _ in range(call.params.limit)])


async def answer_created(
    call: ProcedureCall[create_scrobble.Params, create_scrobble.Input],
) -> create_scrobble.Output:
    """Answer what was sent, with the constant rest."""
    scrobble = call.input
    named = {"title": scrobble.title, "artist": scrobble.artist, "album": scrobble.album or ""}
    return create_scrobble.Output(**{**_CREATED, **named})


async def nobody(request: web.BaseRequest, nsid: str) -> Principal | None:
    """Authenticate nobody."""
    return None


async def _serve(port: int) -> None:
    router = Router(nobody, options=XrpcOptions(rate_limit=0))
    router.app_rocksky_scrobble.get_scrobbles(ANYONE, answer_page)
    router.app_rocksky_scrobble.create_scrobble(ANYONE, answer_created)
    app = web.Application()
    router.attach(app)
    runner = EdgeRunner(app, router)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settle_memory()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
