"""The composition root. Read this first: `serve` is the whole server.

`core.py` opens the databases and builds the services that commands and the server share, `edges.py` puts the HTTP edges
on top, and here are the background work, the first start and the end. Lifetimes are context managers; background tasks
live in one TaskGroup and die loudly.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import signal
from typing import TYPE_CHECKING

from tonearm.core import StartError, make_data_folder, open_core
from tonearm.edges import listening
from tonearm.index.outbox import clear_leases
from tonearm.index.queries import actors, erasing, moves, oauth
from tonearm.lexicons import nsids
from tonearm.services.accounts import AccountError
from tonearm.services.plc_submission import PlcSubmission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tonearm.core import Core
    from tonearm.settings import Settings

log = logging.getLogger(__name__)

TIDY_EVERY_S = 3600.0


@contextlib.asynccontextmanager
async def working(core: Core) -> AsyncIterator[None]:
    """Do the background work. A task that fails ends the process: it is started again, not limped on with."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(core.outbox.run()), group.create_task(_tidy_forever(core))]
        tasks.append(group.create_task(core.lifecycle.run()))
        tasks.append(group.create_task(core.profiles.run()))
        tasks.append(group.create_task(core.move_worker.run()))
        tasks.append(group.create_task(core.last_used.run()))
        tasks.append(group.create_task(core.key_rotation.run()))
        if core.settings.plc_url:
            submission = PlcSubmission(core.pds, core.outbound, core.settings.plc_url)
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
                await core.index.write(oauth.clear_leases())
                await core.index.write(erasing.clear_leases())
                await core.index.write(moves.clear_leases())
            async with working(core), listening(core):
                if settings.first_account == "on":
                    await first_account(core, announce)
                settle_memory()
                await stop.wait()
                log.info("Tonearm stops")


def settle_memory() -> None:
    """Keep the collector away from what was made at the start: a full collection holds the interpreter 20 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _tidy_forever(core: Core) -> None:
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        await core.pds.tidy()
        await core.lifecycle.deletions.tidy()
        await core.logins.tidy()
        await core.oauth_logins.tidy()


@contextlib.contextmanager
def _only_server(settings: Settings) -> Iterator[None]:
    """With SQLite one server a data folder; commands may run beside it."""
    if not settings.index_url.startswith("sqlite:"):
        yield
        return
    make_data_folder(settings)
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
    token = await core.api_tokens.create(account.actor_id, "first start")
    announce(f"handle: {account.handle}")
    announce(f"password: {password}")
    announce(f"token: {token}")
    announce(
        f"curl -X POST {core.settings.url}/xrpc/{nsids.APP_ROCKSKY_SCROBBLE_CREATE_SCROBBLE} "
        f"-H 'Authorization: Bearer {token}' "
        """-H 'Content-Type: application/json' -d '{"title": "Hounds of Love", "artist": "Kate Bush"}'"""
    )
