"""The built-in PDS alone: its database, its host, and writes for it. No socket."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.databases import postgres_schema
from tonearm.identity.passwords import FailureLimit
from tonearm.index.engine import Database, Work, execute, open_database, select
from tonearm.index.migrations import migrate
from tonearm.pds.builtin.host import BuiltinPds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

JWT_KEY = b"a session key of thirty-two bytes"
PASSWORD = "correct horse battery"
START = 1_795_000_000.0


class FakeSealer:
    """AES-GCM with a key of its own; `key` can be changed, as when the wrong file was put back."""

    def __init__(self) -> None:
        self.key = AESGCM.generate_key(256)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self.key).encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        return AESGCM(self.key).decrypt(sealed[:12], sealed[12:], context.encode())


@dataclass
class Clock:
    """Time that moves when it is told to."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A database with the tables, and what is needed to run hosts over it."""

    db: Database
    url: str
    clock: Clock = field(default_factory=Clock)
    sealer: FakeSealer = field(default_factory=FakeSealer)
    passwords: dict[str, str] = field(default_factory=dict)
    failures: FailureLimit = field(init=False)

    def __post_init__(self) -> None:
        self.failures = FailureLimit(self.clock)

    async def check_password(self, identifier: str, password: str, address: str) -> str | None:
        """`passwords` holds identifier -> DID; everybody has the same password. Guesses are limited as in the product."""
        did = self.passwords.get(identifier)
        keys = (f"account {did or identifier}", f"address {address}")
        self.failures.attempt(*keys)
        if did is None or password != PASSWORD:
            return None
        self.failures.succeeded(*keys)
        return did

    def host(self, db: Database | None = None, **settings: Any) -> BuiltinPds:
        values: dict[str, Any] = {
            "public_url": "http://127.0.0.1:8070",
            "jwt_key": JWT_KEY,
            "check_password": self.check_password,
            "clock": self.clock,
            **settings,
        }
        return BuiltinPds(db or self.db, self.sealer, **values)

    async def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        def work() -> Work[list[tuple[Any, ...]]]:
            return (yield select(sql, *args))

        return await self.db.read(work())

    async def do(self, sql: str, *args: Any) -> None:
        def work() -> Work[None]:
            yield execute(sql, *args)

        await self.db.write(work())

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the tables that a commit changes."""
        tables = {"pds_head": 1, "pds_node": 3, "pds_record": 3, "pds_blob_ref": 4, "pds_event": 1}
        return {
            table: await self.rows(f"SELECT * FROM {table} ORDER BY {', '.join(map(str, range(1, columns + 1)))}")
            for table, columns in tables.items()
        }


@asynccontextmanager
async def pds_world(folder: Path, dialect: str = "sqlite") -> AsyncIterator[World]:
    if dialect == "sqlite":
        async with _opened(f"sqlite:///{folder / 'pds.db'}") as world:
            yield world
        return
    async with postgres_schema() as url, _opened(url) as world:
        yield world


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[World]:
    await migrate(url, "pds")
    db = await open_database(url, lock_key=7)
    try:
        yield World(db, url)
    finally:
        await db.close()
