"""Calls of XRPC methods over HTTP, as any client would make them, and records to write."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import libipld

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

SCROBBLE = "app.rocksky.scrobble"
TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> str:
        return self.json["error"]


@dataclass(frozen=True)
class Xrpc:
    """A caller of one server, with or without a bearer token."""

    http: aiohttp.ClientSession
    url: str
    token: str | None = None

    def with_token(self, token: str | None) -> Xrpc:
        return replace(self, token=token)

    async def get(self, nsid: str, **params: str | int) -> Reply:
        texts = {name: str(value) for name, value in params.items()}
        async with self.http.get(f"{self.url}/xrpc/{nsid}", params=texts, headers=self._headers()) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def post(self, nsid: str, body: Any = None) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return await self.post_bytes(nsid, data, "application/json")

    async def post_bytes(self, nsid: str, data: bytes | None, content_type: str) -> Reply:
        headers = self._headers() | ({} if data is None else {"content-type": content_type})
        async with self.http.post(f"{self.url}/xrpc/{nsid}", data=data, headers=headers) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def ok(self, nsid: str, body: Any = None) -> Any:
        """Call a procedure that must succeed and answer its output."""
        reply = await self.post(nsid, body)
        assert reply.status == 200, (nsid, reply.status, reply.raw[:300])
        return reply.json if reply.raw else None

    async def ask(self, nsid: str, **params: str | int) -> Any:
        """Call a query that must succeed and answer its output."""
        reply = await self.get(nsid, **params)
        assert reply.status == 200, (nsid, reply.status, reply.raw[:300])
        return reply.json

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}


def tid(micros: int, clock_id: int = 0) -> str:
    n = (micros << 10) | clock_id
    return "".join(TID_ALPHABET[(n >> shift) & 31] for shift in range(60, -1, -5))


def rkeys(count: int, *, start: int | None = None) -> list[str]:
    """Ascending TIDs, a second apart."""
    first = start if start is not None else (int(time.time()) - 100_000) * 1_000_000
    return [tid(first + i * 1_000_000) for i in range(count)]


def scrobble(n: int, **more: Any) -> dict[str, Any]:
    return {
        "$type": SCROBBLE,
        "title": f"Track {n}",
        "artist": "Boards of Canada",
        "album": "Geogaddi",
        "albumArtist": "Boards of Canada",
        "duration": 200_000 + n,
        "createdAt": "2026-11-21T01:00:00.000Z",
        **more,
    }


def cid_of(record: dict[str, Any]) -> str:
    """The CID of a record without links, by an encoder that is not ours."""
    return cid_of_block(libipld.encode_dag_cbor(record))


def cid_of_block(block: bytes) -> str:
    """CIDv1, DAG-CBOR, SHA-256, in base32, spelt out."""
    cid = b"\x01\x71\x12\x20" + hashlib.sha256(block).digest()
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def create(rkey: str | None, record: dict[str, Any], collection: str = SCROBBLE) -> dict[str, Any]:
    op = {"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "value": record}
    return op if rkey is None else op | {"rkey": rkey}


def update(rkey: str, record: dict[str, Any], collection: str = SCROBBLE) -> dict[str, Any]:
    return {"$type": "com.atproto.repo.applyWrites#update", "collection": collection, "rkey": rkey, "value": record}


def delete(rkey: str, collection: str = SCROBBLE) -> dict[str, Any]:
    return {"$type": "com.atproto.repo.applyWrites#delete", "collection": collection, "rkey": rkey}
