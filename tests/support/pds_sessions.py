"""A store of PDS sessions in memory, and records as the outbox hands them to a PDS."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import libipld

from tests.network.xrpc_calls import cid_of_block
from tonearm.pds.writer import RepoWrite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.pds.remote import PdsSession

SCROBBLE = "app.rocksky.scrobble"


class MemorySessions:
    """Implements `SessionStore`, and keeps what was done: `log` has one word for each call that changes something."""

    def __init__(self, *sessions: PdsSession) -> None:
        self.sessions = {session.did: session for session in sessions}
        self.log: list[str] = []
        self._locks: dict[str, asyncio.Lock] = {}

    async def load(self, did: str) -> PdsSession | None:
        return self.sessions.get(did)

    async def save(self, did: str, session: PdsSession) -> None:
        await asyncio.sleep(0)
        self.log.append("save")
        self.sessions[did] = session

    async def drop(self, did: str) -> None:
        self.log.append("drop")
        self.sessions.pop(did, None)

    @asynccontextmanager
    async def locked(self, did: str) -> AsyncIterator[None]:
        async with self._locks.setdefault(did, asyncio.Lock()):
            self.log.append("lock")
            yield


def write_of(
    rkey: str, record: dict[str, Any], action: Literal["create", "update"] = "create", collection: str = SCROBBLE
) -> RepoWrite:
    block = libipld.encode_dag_cbor(record)
    return RepoWrite(action, collection, rkey, block, cid_of_block(block))


def delete_of(rkey: str, collection: str = SCROBBLE) -> RepoWrite:
    return RepoWrite("delete", collection, rkey, b"", "")
