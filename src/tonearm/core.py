"""What the server and the commands share: the databases opened, every service built and wired.

`Core` has a field for each; `open_core` builds them in the order in which they need each other and closes them in the
other. Lifetimes are context managers, entered here.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from tonearm.identity.access_tokens import AccessTokens
from tonearm.identity.master_key import load_master_key
from tonearm.identity.oauth.clients import client_at
from tonearm.identity.oauth.discovery import Discovery
from tonearm.identity.oauth.dpop import Prover, origin_of
from tonearm.identity.oauth.endpoints import Endpoints
from tonearm.identity.oauth.errors import OAuthUnavailableError
from tonearm.identity.oauth.scopes import ATPROTO, Scopes, write_scopes
from tonearm.identity.resolution import PLC_DIRECTORY, DnsHandles, HandleServer, Resolver, WellKnownHandles
from tonearm.identity.secret_box import SecretBox
from tonearm.index import migrations
from tonearm.index.engine import Database, open_database
from tonearm.lexicons.app.rocksky.auth_scrobbling import PERMISSIONS
from tonearm.outbound import OutboundClient
from tonearm.pds.builtin.host import BuiltinPds
from tonearm.pds.remote import RemotePds
from tonearm.pds.remote import login as open_session
from tonearm.services.accounts import Accounts
from tonearm.services.credentials.api_tokens import ApiTokens
from tonearm.services.credentials.key_rotation import KeyRotation
from tonearm.services.credentials.last_used import LastUsed
from tonearm.services.credentials.logins import Logins
from tonearm.services.credentials.player_keys import PlayerKeys
from tonearm.services.credentials.server_keys import ServerKeys
from tonearm.services.history import History
from tonearm.services.indexing import Indexing
from tonearm.services.journal_queue import JournalQueue
from tonearm.services.lifecycle.deletion import Deletions
from tonearm.services.lifecycle.export import Exports
from tonearm.services.lifecycle.lifecycle import Lifecycle
from tonearm.services.lifecycle.states import AccountStates
from tonearm.services.local_identities import LocalIdentities
from tonearm.services.moves import Moves
from tonearm.services.moves.steps import Steps
from tonearm.services.moves.worker import MoveWorker
from tonearm.services.outbox import OutboxWriter
from tonearm.services.people import People
from tonearm.services.profiles import HostedProfiles, Profiles
from tonearm.services.records import COLLECTIONS
from tonearm.services.recovery_keys import RecoveryKeys
from tonearm.services.repositories import AppPasswordSessions, PdsSessions, Repositories
from tonearm.services.scrobbles import Scrobbles
from tonearm.services.signing_in.client_logins import ClientLogins
from tonearm.services.signing_in.login_policy import LoginPolicy
from tonearm.services.signing_in.oauth_client_keys import OAuthClientKeys
from tonearm.services.signing_in.oauth_logins import Asked, OAuthLogins
from tonearm.services.signing_in.oauth_sessions import OAuthSessions
from tonearm.services.signing_in.oauth_store import OAuthStore
from tonearm.services.signing_in.password_logins import PasswordLogins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.identity.oauth.clients import Client
    from tonearm.identity.resolution import HandleBackend
    from tonearm.pds.writer import RepoWriter
    from tonearm.settings import Settings

VERSION = version("tonearm")
INDEX_LOCK_KEY = 7_043_001
PDS_LOCK_KEY = 7_043_002
PDS_CACHE_KIB = 400
"""The repository host writes beside the index and need not be as fast."""
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
    outbound: OutboundClient
    resolver: Resolver
    sessions: PdsSessions
    accounts: Accounts
    last_used: LastUsed
    logins: Logins
    api_tokens: ApiTokens
    player_keys: PlayerKeys
    key_rotation: KeyRotation
    login_policy: LoginPolicy
    people: People
    indexing: Indexing
    outbox: OutboxWriter
    scrobbles: Scrobbles
    history: History
    queue: JournalQueue
    oauth_logins: OAuthLogins
    oauth_sessions: OAuthSessions
    password_logins: PasswordLogins
    client_logins: ClientLogins
    lifecycle: Lifecycle
    profiles: Profiles
    moves: Moves
    move_worker: MoveWorker
    recovery_keys: RecoveryKeys


@contextlib.asynccontextmanager
async def open_core(settings: Settings, *, now: Callable[[], float] = time.time) -> AsyncIterator[Core]:
    """Open the databases (made and migrated when necessary) and build the services.

    Raises:
        StartError: the data folder cannot be used.
        MasterKeyError: there is data, but not the key that it was sealed with.
    """
    _use_one_heap()
    async with contextlib.AsyncExitStack() as stack:
        make_data_folder(settings)
        box = await _open_box(settings)
        index, pds_database = await _open_databases(stack, settings)
        accounts = Accounts(index, now, settings.local_handle_domain)
        key_rotation = KeyRotation(index, pds_database, box)
        await key_rotation.learn()
        server_keys = ServerKeys(index, box)
        last_used = LastUsed(index, now)
        pds = BuiltinPds(
            pds_database,
            box,
            public_url=settings.url,
            jwt_key=await server_keys.key("sessions of the built-in PDS"),
            check_password=accounts.check_password,
            clock=now,
            handle_domains=(settings.local_handle_domain,),
        )
        stack.push_async_callback(pds.close)
        await pds.start()
        outbound = await stack.enter_async_context(_outbound(settings))
        resolver = _resolver(settings, outbound, pds)
        stack.push_async_callback(resolver.close)
        sessions = PdsSessions(index, box, now)
        oauth_sessions = await stack.enter_async_context(
            OAuthSessions(
                OAuthStore(index, box, now),
                Discovery(resolver, outbound, origin_of(settings.url)),
                Endpoints(outbound, Prover(now)),
                OAuthClientKeys(index, box, now),
            )
        )
        remote = await stack.enter_async_context(RemotePds(outbound, sessions, others=[oauth_sessions], clock=now))
        indexing = Indexing()
        index.rolled_back = indexing.forget
        repositories = Repositories(index, pds, remote, partial(_after_move, remote, pds, oauth_sessions))
        outbox = OutboxWriter(index, repositories, now=now, jitter=random.random, linger_s=settings.outbox_linger_s)
        scrobbles = Scrobbles(index, indexing, now=now, wake=outbox.wake)
        outbox.busy = scrobbles.busy
        api_tokens = ApiTokens(index, now, last_used)
        policy = LoginPolicy(index, settings.login == "open", settings.allowed_identifiers)
        states = AccountStates(index, now)
        deletions = Deletions(
            index,
            states,
            hosting=pds,
            remote=remote,
            sessions=(oauth_sessions, AppPasswordSessions(sessions, remote)),
            deliver=outbox.serve,
            forget=indexing.forget,
            now=now,
        )
        profiles = Profiles(index, resolver, outbound, HostedProfiles(pds.reader), now)
        accounts.seen = profiles.wake
        pds.accounts.watchers.append(profiles.wake)
        exports = Exports(index, pds, pds.holdings, remote, now)
        steps = Steps(index, pds, remote, indexing, outbox.wake, now)
        move_worker = MoveWorker(index, steps, now)
        yield Core(
            settings=settings,
            index=index,
            pds_database=pds_database,
            pds=pds,
            remote=remote,
            outbound=outbound,
            resolver=resolver,
            sessions=sessions,
            accounts=accounts,
            last_used=last_used,
            logins=Logins(index, now, AccessTokens(await server_keys.key("access tokens"), now), last_used),
            api_tokens=api_tokens,
            player_keys=PlayerKeys(index, box, now, last_used),
            key_rotation=key_rotation,
            login_policy=policy,
            people=People(index, now),
            indexing=indexing,
            outbox=outbox,
            scrobbles=scrobbles,
            history=History(index),
            queue=JournalQueue(index, indexing, outbox, now),
            oauth_logins=_oauth_logins(settings, oauth_sessions, accounts, policy, outbox),
            password_logins=PasswordLogins(
                index, accounts, sessions, outbox, resolver, policy, partial(open_session, outbound)
            ),
            client_logins=ClientLogins(index, api_tokens, now),
            oauth_sessions=oauth_sessions,
            lifecycle=Lifecycle(index, states, pds.accounts, deletions, exports, outbox.resume),
            profiles=profiles,
            moves=Moves(index, pds, now, settings.url, move_worker.wake),
            move_worker=move_worker,
            recovery_keys=RecoveryKeys(pds.recovery),
        )


def _after_move(
    remote: RemotePds, pds: BuiltinPds, sessions: OAuthSessions, former_dids: tuple[str, ...]
) -> RepoWriter:
    """The way to the repository of an account that had these DIDs here before."""
    from tonearm.services.moves.carrying import CarryingWriter  # noqa: PLC0415 - for accounts that have moved only

    return CarryingWriter(remote, remote, pds.leaving, sessions.scopes, frozenset(COLLECTIONS), former_dids)


def _oauth_logins(
    settings: Settings, sessions: OAuthSessions, accounts: Accounts, policy: LoginPolicy, outbox: OutboxWriter
) -> OAuthLogins:
    """Build the logins, with what accounts are asked to permit."""
    plain = write_scopes(COLLECTIONS)
    asked = Asked(
        Scopes.of(ATPROTO, PERMISSIONS.scope) if settings.oauth_permission_set == "on" else plain,
        {"link": plain | Scopes.of("blob:*/*")},  # a move takes the records' files along
        COLLECTIONS,
        PERMISSIONS,
    )
    try:
        client: Client | OAuthUnavailableError = client_at(settings.url, asked.most)
    except OAuthUnavailableError as error:
        client = error
    return OAuthLogins(sessions, accounts, policy, outbox, asked, client)


def _outbound(settings: Settings) -> OutboundClient:
    """Build the client of all requests to other servers."""
    return OutboundClient(
        user_agent=f"Tonearm/{VERSION}",
        allowed_private_hosts=settings.private_hosts,
        trusted_origins=settings.configured_origins,
    )


def _resolver(settings: Settings, outbound: OutboundClient, pds: BuiltinPds) -> Resolver:
    """Build the resolver, and tell it of every change to the identities that live here."""
    ways: list[HandleBackend] = [DnsHandles(), WellKnownHandles(outbound)]
    if settings.handle_resolver_url:
        ways.insert(0, HandleServer(outbound, settings.handle_resolver_url))
    resolver = Resolver(
        outbound, LocalIdentities(pds.accounts), ways, plc_url=settings.plc_url.rstrip("/") or PLC_DIRECTORY
    )
    pds.accounts.watchers.append(resolver.forget)
    return resolver


def make_data_folder(settings: Settings) -> None:
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
    path = settings.master_key_path
    data_exists = not path.exists() and (await _has_data(settings.index_url) or await _has_data(settings.pds_url))
    return SecretBox(load_master_key(path, data_exists=data_exists))


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


def _use_one_heap() -> None:
    """Let all threads allocate from one heap: each of glibc's others keeps megabytes that nothing else may use."""
    import ctypes  # noqa: PLC0415 - one use

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
