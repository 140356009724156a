"""A whole Tonearm in this process: real HTTP on a free port, real databases, the outbox at work."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.support.databases import postgres_schema
from tonearm.app import working
from tonearm.core import Core, open_core
from tonearm.edges import listening
from tonearm.identity.master_key import load_master_key
from tonearm.index.migrations import Store, migrate
from tonearm.services.preparing import Listener
from tonearm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.lexicons.router import Router

PASSWORD = "correct horse battery"
NEIGHBOURS = "127.0.0.1,localhost"
"""Hosts that a server under test may ask although they are not public: where the other servers of tests are."""


@dataclass(frozen=True)
class Person:
    """A local account."""

    name: str
    handle: str
    did: str
    actor_id: int
    password: str
    token: str

    @property
    def listener(self) -> Listener:
        return Listener(self.actor_id, self.did)


@dataclass
class Server:
    """The server and its first account, with a client that calls it over HTTP."""

    url: str
    core: Core
    router: Router
    http: aiohttp.ClientSession
    first: Person = field(init=False)

    @property
    def did(self) -> str:
        return self.first.did

    @property
    def handle(self) -> str:
        return self.first.handle

    @property
    def password(self) -> str:
        return self.first.password

    @property
    def token(self) -> str:
        return self.first.token

    async def create_account(self, name: str | None = None, *, role: str = "none") -> Person:
        name = name or f"u{secrets.token_hex(4)}"
        made = await self.core.accounts.create_local(self.core.pds, name, PASSWORD, role=role)
        token = await self.core.api_tokens.create(made.actor_id, "test")
        return Person(name, made.handle, made.did, made.actor_id, PASSWORD, token)

    async def ask(self, nsid: str, /, *, token: str | None = None, **params: Any) -> tuple[int, Any]:
        """Call a query; answers status and JSON."""
        pairs = [(k, str(v)) for k, vs in params.items() for v in (vs if isinstance(vs, list) else [vs])]
        async with self.http.get(f"{self.url}/xrpc/{nsid}", params=pairs, headers=_auth(token)) as answer:
            return answer.status, await answer.json()

    async def tell(
        self, nsid: str, body: Any = None, /, *, token: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Call a procedure; answers status and JSON (None for an empty answer)."""
        given = {"json": body} if body is not None else {}
        async with self.http.post(
            f"{self.url}/xrpc/{nsid}", headers={**_auth(token), **(headers or {})}, **given
        ) as answer:
            text = await answer.read()
            return answer.status, await answer.json() if text else None

    async def scrobble(self, who: Person | None = None, **play: Any) -> dict[str, Any]:
        """Keep a play and expect success."""
        status, made = await self.tell("app.rocksky.scrobble.createScrobble", play, token=(who or self.first).token)
        assert status == 200, made
        return made

    async def drained(self) -> None:
        """Wait until the outbox is empty."""
        from tonearm.index.outbox import count_unconfirmed

        for _ in range(600):
            if (await self.core.index.read(count_unconfirmed()))[0] == 0:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the outbox was not drained within 12 s")

    async def records(self, collection: str, who: Person | None = None) -> dict[str, Any]:
        """The records of a collection in somebody's repository, by rkey, over HTTP."""
        found: dict[str, Any] = {}
        cursor: dict[str, str] = {}
        while True:
            status, page = await self.ask(
                "com.atproto.repo.listRecords",
                repo=(who or self.first).did,
                collection=collection,
                limit=100,
                **cursor,
            )
            assert status == 200, page
            found.update({r["uri"].rsplit("/", 1)[1]: r["value"] for r in page["records"]})
            if not page.get("cursor") or not page["records"]:
                return found
            cursor = {"cursor": page["cursor"]}


def _auth(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_templates: dict[str, bytes] = {}


async def _migrated(settings: Settings) -> None:
    """Make the tables in this process; for SQLite by copying files that were migrated once."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    load_master_key(settings.master_key_path, data_exists=False)
    stores: tuple[tuple[Store, str], ...] = (("index", settings.index_url), ("pds", settings.pds_url))
    for store, url in stores:
        if not url.startswith("sqlite:///"):
            await migrate(url, store)
            continue
        path = Path(url.removeprefix("sqlite:///"))
        if path.exists():
            continue
        if store not in _templates:
            await migrate(url, store)
            _templates[store] = path.read_bytes()
        else:
            path.write_bytes(_templates[store])


@asynccontextmanager
async def running_server(
    folder: Path,
    *,
    database: str = "sqlite",
    outbox: bool = True,
    now: Callable[[], float] = time.time,
    **settings: Any,
) -> AsyncIterator[Server]:
    """Run a server over an empty `sqlite` or `postgresql` database. `outbox` False leaves the outbox to the test."""
    async with AsyncExitStack() as stack:
        if database == "postgresql":
            settings["database_url"] = await stack.enter_async_context(postgres_schema())
        port = settings.pop("port", None) or free_port()
        values = {
            "port": port,
            "data_dir": folder / "data",
            "outbox_linger_s": 0.0,
            "rate_limit": 0,
            "strict_errors": True,
            "allowed_private_hosts": NEIGHBOURS,
            **settings,
        }
        await _migrated(Settings(**values))
        core = await stack.enter_async_context(open_core(Settings(**values), now=now))
        if outbox:
            await stack.enter_async_context(working(core))
        router = await stack.enter_async_context(listening(core))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        server = Server(f"http://127.0.0.1:{port}", core, router, http)
        server.first = await server.create_account("alice", role="administrator")
        yield server
