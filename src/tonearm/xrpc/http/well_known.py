"""What a server says about itself without being asked by a method: its health and its did:web document."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from aiohttp import web

from tonearm.xrpc.http import responses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Check = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)

SERVICE_ID = "#tonearm"
SERVICE_TYPE = "TonearmAppView"

_CHECK_TIMEOUT_S = 2.0
_KEPT_S = 1.0


def service_did(public_url: str) -> str:
    """The did:web of a server at `public_url`: its host, and its port when the URL names one.

    Raises:
        ValueError: the URL has no host, or a path, which did:web would spell differently.
    """
    parts = urlsplit(public_url)
    if not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"a public URL is a scheme, a host and perhaps a port: {public_url!r}")
    return f"did:web:{quote(parts.netloc.rpartition('@')[2], safe='.-')}"


def service_audiences(public_url: str) -> tuple[str, str]:
    """What a token for this server may name as its audience: its DID, with or without the service."""
    did = service_did(public_url)
    return did, did + SERVICE_ID


def did_document(public_url: str) -> dict[str, object]:
    """The document of `service_did`, with the service that a PDS proxies to (`atproto-proxy: did:web:host#tonearm`)."""
    service = {"id": SERVICE_ID, "type": SERVICE_TYPE, "serviceEndpoint": public_url.rstrip("/")}
    return {"@context": ["https://www.w3.org/ns/did/v1"], "id": service_did(public_url), "service": [service]}


def serve_did_document(public_url: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of `/.well-known/did.json`."""
    body = json.dumps(did_document(public_url)).encode("ascii")
    headers = {**responses.COMMON_HEADERS, "Content-Type": responses.JSON_TYPE}

    async def serve(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers)

    return serve


class Health:
    """Answers `/xrpc/_health`: the version, and whether each named part of the server works.

    A check raises when its part does not work. The answer is kept for a second, since anybody may ask. What went wrong
    is logged; the answer only names the part.
    """

    def __init__(self, version: str, checks: Mapping[str, Check] | None = None) -> None:
        self._version = version
        self._checks = dict(checks or {})
        self._kept: tuple[float, int, bytes] = (float("-inf"), 200, b"")
        self._asking = asyncio.Lock()

    async def serve(self, _request: web.BaseRequest, _query: str) -> web.StreamResponse:
        """Answer 200, or 503 when a check fails."""
        async with self._asking:
            if time.monotonic() - self._kept[0] > _KEPT_S:
                self._kept = (time.monotonic(), *await self._ask())
        _, status, body = self._kept
        headers = {**responses.COMMON_HEADERS, "Content-Type": responses.JSON_TYPE, "Cache-Control": "no-store"}
        return web.Response(status=status, body=body, headers=headers)

    async def _ask(self) -> tuple[int, bytes]:
        found = await asyncio.gather(*(_state(name, check) for name, check in self._checks.items()))
        states = dict(zip(self._checks, found, strict=True))
        answer: dict[str, object] = {"version": self._version}
        if states:
            answer["checks"] = states
        failed = "failed" in states.values()
        if failed:
            answer |= {"error": "NotEnoughResources", "message": "Service Unavailable"}
        return 503 if failed else 200, json.dumps(answer).encode("ascii")


async def _state(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            await check()
    except Exception:
        log.exception("health check %s failed", name)
        return "failed"
    return "ok"
