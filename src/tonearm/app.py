"""The composition root: builds every object, wires every edge. Read this first.

`open_core` opens the databases and builds the services that commands and the server share; `serve` puts the HTTP edges
and the background work on top. Lifetimes are context managers, entered here; background tasks live in one TaskGroup
and die loudly.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import random
import signal
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from tonearm.identity.secret_box import SecretBox
from tonearm.index import migrations
from tonearm.index.engine import Database, open_database, select
from tonearm.index.outbox import clear_leases
from tonearm.index.queries import actors
from tonearm.lexicons import nsids
from tonearm.pds.builtin.host import BuiltinPds
from tonearm.pds.remote import RemotePds
from tonearm.services.accounts import AccountError, Accounts
from tonearm.services.history import History
from tonearm.services.indexing import Indexing
from tonearm.services.journal_queue import JournalQueue
from tonearm.services.outbox import OutboxWriter
from tonearm.services.people import People
from tonearm.services.plc_submission import PlcSubmission
from tonearm.services.repositories import PdsSessions, Repositories
from tonearm.services.scrobbles import Scrobbles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    import aiohttp
    from aiohttp import web

    from tonearm.index.engine import Work
    from tonearm.lexicons.router import Router
    from tonearm.settings import Settings

log = logging.getLogger(__name__)

VERSION = version("tonearm")
INDEX_LOCK_KEY = 7_043_001
PDS_LOCK_KEY = 7_043_002
PDS_CACHE_KIB = 1000
"""The repository host writes beside the index and need not be as fast."""
TIDY_EVERY_S = 3600.0
M_ARENA_MAX = -8
"""The parameter of mallopt that bounds the number of heaps. Source: glibc, malloc.h."""


class StartError(RuntimeError):
    """The server cannot start as things are. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Core:
    """What the server and the commands share."""

    settings: Settings
    index: Database
    pds_database: Database
    pds: BuiltinPds
    remote: RemotePds
    http: aiohttp.ClientSession
    sessions: PdsSessions
    accounts: Accounts
    people: People
    indexing: Indexing
    outbox: OutboxWriter
    scrobbles: Scrobbles
    history: History
    queue: JournalQueue


@contextlib.asynccontextmanager
async def open_core(settings: Settings, *, now: Callable[[], float] = time.time) -> AsyncIterator[Core]:
    """Open the databases (made and migrated when necessary) and build the services.

    Raises:
        StartError: the data folder cannot be used.
        MasterKeyError: there is data, but not the key that it was sealed with.
    """
    import aiohttp  # noqa: PLC0415 - the client's part of it is not needed to answer

    _use_one_heap()
    async with contextlib.AsyncExitStack() as stack:
        _make_data_folder(settings)
        box = await _open_box(settings)
        index, pds_database = await _open_databases(stack, settings)
        accounts = Accounts(index, now, settings.local_handle_domain)
        pds = BuiltinPds(
            pds_database,
            box,
            public_url=settings.url,
            jwt_key=box.session_key,
            check_password=accounts.check_password,
            clock=now,
            handle_domains=(settings.local_handle_domain,),
        )
        stack.push_async_callback(pds.close)
        await pds.start()
        http = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"User-Agent": f"Tonearm/{VERSION}"}, cookie_jar=aiohttp.DummyCookieJar())
        )
        sessions = PdsSessions(index, box, now)
        remote = await stack.enter_async_context(RemotePds(http, sessions, clock=now))
        indexing = Indexing()
        index.rolled_back = indexing.forget
        repositories = Repositories(index, pds, remote)
        outbox = OutboxWriter(index, repositories, now=now, jitter=random.random, linger_s=settings.outbox_linger_s)
        scrobbles = Scrobbles(index, indexing, now=now, wake=outbox.wake)
        outbox.busy = scrobbles.busy
        yield Core(
            settings=settings,
            index=index,
            pds_database=pds_database,
            pds=pds,
            remote=remote,
            http=http,
            sessions=sessions,
            accounts=accounts,
            people=People(index, now),
            indexing=indexing,
            outbox=outbox,
            scrobbles=scrobbles,
            history=History(index),
            queue=JournalQueue(index, indexing, outbox, now),
        )


def _make_data_folder(settings: Settings) -> None:
    """Make the data folder, unless nothing is kept there: both databases and the master key may be elsewhere."""
    urls = (settings.index_url, settings.pds_url)
    if settings.master_key is not None and not any(url.startswith("sqlite:") for url in urls):
        return
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"TONEARM_DATA_DIR names {settings.data_dir}, which cannot be made: {error.strerror}"
        raise StartError(told) from error


async def _open_box(settings: Settings) -> SecretBox:
    if settings.master_key is not None:
        return SecretBox(bytes.fromhex(settings.master_key.get_secret_value()))
    path = settings.data_dir / "master.key"
    data_exists = not path.exists() and (await _has_data(settings.index_url) or await _has_data(settings.pds_url))
    return SecretBox.load(path, data_exists=data_exists)


async def _has_data(url: str) -> bool:
    if url.startswith("sqlite:"):
        return os.path.exists(url.removeprefix("sqlite:///"))  # noqa: ASYNC240, PTH110 - once, before anything is served
    database = await open_database(url)
    try:
        return await migrations.version_of(database, "index") is not None
    finally:
        await database.close()


async def _open_databases(stack: contextlib.AsyncExitStack, settings: Settings) -> tuple[Database, Database]:
    """Open the index and the built-in PDS, at the newest revision of their tables."""
    index = await open_database(settings.index_url, lock_key=INDEX_LOCK_KEY)
    stack.push_async_callback(index.close)
    pds = await open_database(settings.pds_url, lock_key=PDS_LOCK_KEY, cache_kib=PDS_CACHE_KIB)
    stack.push_async_callback(pds.close)
    behind: dict[migrations.Store, str] = {}
    if await _is_behind(index, "index"):
        behind["index"] = settings.index_url
    if await _is_behind(pds, "pds"):
        behind["pds"] = settings.pds_url
    if behind:
        await migrations.migrate_apart(behind)
    return index, pds


async def _is_behind(database: Database, store: migrations.Store) -> bool:
    at, head = await migrations.version_of(database, store), migrations.head()
    if at is not None and at > head:
        raise StartError(f"the {store} database was made by a newer Tonearm (revision {at}): update this one")
    return at != head


def build_web(core: Core) -> tuple[web.Application, Router]:
    """Build the HTTP edges over the services."""
    from aiohttp import web  # noqa: PLC0415 - commands do without

    from tonearm.api import routes  # noqa: PLC0415
    from tonearm.api.auth import Authentication  # noqa: PLC0415
    from tonearm.api.com_atproto_errors import add_pds_errors  # noqa: PLC0415
    from tonearm.api.com_atproto_routes import add_pds_routes  # noqa: PLC0415
    from tonearm.api.errors import error_table  # noqa: PLC0415
    from tonearm.api.views import Images  # noqa: PLC0415
    from tonearm.lexicons.router import Router  # noqa: PLC0415
    from tonearm.web.static_files import add_static_files  # noqa: PLC0415
    from tonearm.xrpc.http.rate_limit import client_address  # noqa: PLC0415
    from tonearm.xrpc.http.well_known import Health, attach_did_document  # noqa: PLC0415
    from tonearm.xrpc.options import XrpcOptions  # noqa: PLC0415

    settings = core.settings
    errors = error_table()
    add_pds_errors(errors)
    router = Router(
        Authentication(core.accounts, core.pds),
        options=XrpcOptions(
            body_limit_bytes=settings.body_limit_bytes,
            rate_limit=settings.rate_limit,
            rate_window_s=settings.rate_window_s,
            trusted_proxies=settings.trusted_proxies,
            strict_errors=settings.strict_errors,
        ),
        errors=errors,
    )
    routes.add_routes(
        router,
        scrobbles=core.scrobbles,
        history=core.history,
        queue=core.queue,
        people=core.people,
        images=Images(settings.url),
    )
    add_pds_routes(router, core.pds, partial(client_address, trusted_proxies=settings.trusted_proxies))

    async def check_database() -> None:
        await core.index.read(_one())

    app = web.Application()
    router.attach(app, Health(VERSION, {"database": check_database}))
    attach_did_document(app, settings.url)
    add_static_files(app, VERSION)
    return app, router


def _one() -> Work[None]:
    yield select("SELECT 1")


@contextlib.asynccontextmanager
async def listening(core: Core) -> AsyncIterator[Router]:
    """Answer HTTP on the host and port of the settings."""
    from aiohttp import web  # noqa: PLC0415 - commands do without

    from tonearm.xrpc.http.server import EdgeRunner  # noqa: PLC0415

    app, router = build_web(core)
    runner = EdgeRunner(app, router)
    await runner.setup()
    try:
        await web.TCPSite(runner, core.settings.host, core.settings.port).start()
        log.info("Tonearm %s serves on %s", VERSION, core.settings.url)
        yield router
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def working(core: Core) -> AsyncIterator[None]:
    """Do the background work. A task that fails ends the process: it is started again, not limped on with."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(core.outbox.run()), group.create_task(_tidy_forever(core))]
        if core.settings.plc_url:
            submission = PlcSubmission(core.pds, core.http, core.settings.plc_url)
            tasks.append(group.create_task(submission.run()))
        yield
        for task in tasks:
            task.cancel()


async def serve(settings: Settings, *, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM or SIGINT. `announce` gets the lines that the first start prints, one by one."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with _only_server(settings):
        async with open_core(settings) as core:
            if settings.index_url.startswith("sqlite:"):
                await core.index.write(clear_leases())
            async with working(core), listening(core):
                if settings.first_account == "on":
                    await first_account(core, announce)
                settle_memory()
                await stop.wait()
                log.info("Tonearm stops")


def _use_one_heap() -> None:
    """Let all threads allocate from one heap: each of glibc's others keeps megabytes that nothing else may use."""
    import ctypes  # noqa: PLC0415 - one use

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def settle_memory() -> None:
    """Keep the collector away from what was made at the start: a full collection holds the interpreter 20 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _tidy_forever(core: Core) -> None:
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        await core.pds.tidy()


@contextlib.contextmanager
def _only_server(settings: Settings) -> Iterator[None]:
    """With SQLite one server a data folder; commands may run beside it."""
    if not settings.index_url.startswith("sqlite:"):
        yield
        return
    _make_data_folder(settings)
    path: Path = settings.data_dir / "serve.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"another Tonearm serves {settings.data_dir} already. Stop it, name another TONEARM_DATA_DIR, "
                "or use PostgreSQL, which several may share"
            ) from error
        yield


async def first_account(core: Core, announce: Callable[[str], None]) -> None:
    """Make the administrator's account when there is no account yet, and say how to use it, this once."""
    import secrets  # noqa: PLC0415 - the first start only

    if await core.index.read(actors.accounts()):
        return
    password = secrets.token_urlsafe(12)
    try:
        account = await core.accounts.create_local(core.pds, "admin", password, role="administrator")
    except AccountError:
        if await core.index.read(actors.accounts()):
            return  # another process starts now, and was first
        raise
    token = await core.accounts.create_token("admin", "first start")
    announce(f"handle: {account.handle}")
    announce(f"password: {password}")
    announce(f"token: {token}")
    announce(
        f"curl -X POST {core.settings.url}/xrpc/{nsids.APP_ROCKSKY_SCROBBLE_CREATE_SCROBBLE} "
        f"-H 'Authorization: Bearer {token}' "
        """-H 'Content-Type: application/json' -d '{"title": "Hounds of Love", "artist": "Kate Bush"}'"""
    )
