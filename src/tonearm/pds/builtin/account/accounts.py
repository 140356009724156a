"""Accounts of the built-in PDS: a repository, an identity, two keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tonearm.atproto import did_plc
from tonearm.atproto.car import write_car
from tonearm.atproto.cid import Cid
from tonearm.atproto.dag_cbor import decode
from tonearm.atproto.did_key import SigningKey
from tonearm.atproto.mst import EMPTY_ROOT
from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.account import identities
from tonearm.pds.builtin.account.identities import PlcOperation, Repo
from tonearm.pds.builtin.account.keys import CURVE, rotation_context, signing_context
from tonearm.pds.builtin.errors import HandleError, RepoNotFoundError
from tonearm.pds.builtin.repository.commit import first_commit
from tonearm.pds.builtin.repository.rows import Event, Head, prefix_of
from tonearm.pds.builtin.repository.store import append_events
from tonearm.pds.builtin.stream.frames import account_event, commit_event, identity_event, sync_event
from tonearm.pds.builtin.times import micros_of_clock, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.atproto.tid import TidClock
    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.keys import KeyRing
    from tonearm.pds.builtin.ports import Sealer
    from tonearm.pds.builtin.stream.events import EventLog

STATUSES = ("active", "deactivated", "suspended", "takendown", "deleted")
PAGE_REPOS = 500


@dataclass(frozen=True, slots=True)
class _NewAccount:
    """Everything that is stored for a new account. `first` is the head without its `repo_id`, and the commit."""

    did: str
    handle: str
    operation: dict[str, Any]
    first: tuple[Head, bytes]
    made_at: float
    signing_key: bytes = field(repr=False)
    rotation_key: bytes = field(repr=False)


class HostAccounts:
    """Makes and finds the accounts that this host keeps repositories for.

    Attributes:
        watchers: called with the DID after an `#identity` or `#account` event of this process.
    """

    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        keys: KeyRing,
        events: EventLog,
        *,
        clock: Callable[[], float],
        tids: TidClock,
        public_url: str,
        handle_domains: tuple[str, ...],
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._keys = keys
        self._events = events
        self._clock = clock
        self._tids = tids
        self.public_url = public_url.rstrip("/")
        self.handle_domains = handle_domains
        self.watchers: list[Callable[[str], None]] = []

    async def create(self, handle: str) -> str:
        """Make an identity and its empty repository, and return its DID.

        Raises:
            HandleError: malformed, outside the handle domains, or taken.
        """
        handle = identities.normal_handle(handle, self.handle_domains)
        rotation_key, signing_key = SigningKey.generate(CURVE), SigningKey.generate(CURVE)
        did, operation = did_plc.mint(
            rotation_key=rotation_key,
            signing_key=signing_key.did_key(),
            handle=handle,
            pds_endpoint=self.public_url,
        )
        new = _NewAccount(
            did=did,
            handle=handle,
            operation=operation,
            signing_key=self._sealer.seal(signing_key.to_bytes(), signing_context(did)),
            rotation_key=self._sealer.seal(rotation_key.to_bytes(), rotation_context(did)),
            first=first_commit(signing_key, did, self._tids.next()),
            made_at=self._clock(),
        )
        await self._db.write(_insert(new))
        self.announced(did)
        return did

    async def find(self, identifier: str) -> Repo | None:
        """Return the account with this DID or handle."""
        return await self._db.read(identities.find_repo(identifier))

    async def named(self, identifier: str) -> Repo:
        """Return the account with this DID or handle.

        Raises:
            RepoNotFoundError: there is none.
        """
        return await self._db.read(identities.repo_named(identifier))

    async def did_document(self, did: str) -> dict[str, Any]:
        """Return the DID document, as a directory would show it.

        Raises:
            RepoNotFoundError: the identity is not one of ours.
        """
        return await self._db.read(self._did_document(did))

    @staticmethod
    def _did_document(did: str) -> Work[dict[str, Any]]:
        repo = yield from identities.repo_named(did)
        if repo.status == "deleted":
            raise RepoNotFoundError(f"Could not find repo: {did}")
        operation, _ = yield from identities.last_operation(repo.repo_id)
        return did_plc.did_document(operation, repo.did)

    async def rename(self, did: str, handle: str) -> str:
        """Give an account another handle and return it as stored.

        Raises:
            HandleError: malformed, outside the handle domains, or taken.
            RepoNotFoundError: there is no such account.
        """
        handle = identities.normal_handle(handle, self.handle_domains)
        await self._change_identity(await self.named(did), handle)
        return handle

    async def move_home(self) -> int:
        """Tell the document of every identity the present public URL; return how many did not have it."""
        moved = after = 0
        while repos := await self._db.read(self._page(after)):
            after = repos[-1][0].repo_id
            for repo, operation in repos:
                if did_plc.did_document(operation, repo.did)["service"][0]["serviceEndpoint"] != self.public_url:
                    moved += await self._change_identity(repo, repo.handle)
        return moved

    @staticmethod
    def _page(after: int) -> Work[list[tuple[Repo, dict[str, Any]]]]:
        rows = yield select(
            "SELECT r.repo_id, r.did, r.handle, r.status, r.created_at, o.operation FROM pds_repo r"
            " JOIN pds_plc_operation o ON o.repo_id = r.repo_id"
            " WHERE r.repo_id > $1 AND r.status <> 'deleted'"
            " AND o.number = (SELECT MAX(number) FROM pds_plc_operation WHERE repo_id = r.repo_id)"
            " ORDER BY r.repo_id LIMIT $2",
            *(after, PAGE_REPOS),
        )
        return [(Repo(*row[:5]), decode(row[5])) for row in rows]

    async def _change_identity(self, repo: Repo, handle: str) -> bool:
        key = await self._keys.rotation_key(repo.did)
        at = micros_of_clock(self._clock), rfc3339(self._clock())
        changed = await self._db.write(identities.change_identity(repo, key, handle, self.public_url, at))
        if changed:
            self.announced(repo.did)
        return changed

    def announced(self, did: str) -> None:
        """Tell who follows the events, and the watchers, that something about an identity has changed."""
        self._events.wake()
        for watcher in self.watchers:
            watcher(did)

    async def set_status(self, did: str, status: str) -> None:
        """Set the hosting status, one of `STATUSES`, and announce it when it is another. What was deleted stays so.

        Raises:
            ValueError: no such status.
            RepoNotFoundError: there is no such account.
        """
        if status not in STATUSES:
            raise ValueError(f"a status is one of {', '.join(STATUSES)}")
        if await self._db.write(self._set_status(did, status)):
            self.announced(did)

    def _set_status(self, did: str, status: str) -> Work[bool]:
        repo = yield from identities.repo_named(did)
        if repo.status in {status, "deleted"}:
            return False
        yield execute("UPDATE pds_repo SET status = $1 WHERE repo_id = $2", status, repo.repo_id)
        event = account_event(repo.did, status, rfc3339(self._clock()))
        yield from append_events(repo.repo_id, [event], micros_of_clock(self._clock))
        return True

    async def unsubmitted_operations(self, limit: int = 100) -> list[PlcOperation]:
        """Return PLC operations that no directory has taken, each identity's in order."""
        return await self._db.read(identities.unsubmitted(limit))

    async def mark_submitted(self, operation: PlcOperation) -> None:
        """Remember that a directory has taken an operation."""
        now = micros_of_clock(self._clock)
        await self._db.write(identities.mark_submitted(operation.did, operation.number, now))


def _insert(new: _NewAccount) -> Work[None]:
    if (yield from identities.find_repo(new.handle)) is not None:
        raise HandleError("the handle is taken")
    rows = yield select("SELECT COALESCE(MAX(repo_id), 0) + 1 FROM pds_repo")
    repo_id, now = rows[0][0], int(new.made_at * 1_000_000)
    yield execute(
        "INSERT INTO pds_repo (repo_id, did, handle, status, created_at, signing_key, rotation_key)"
        " VALUES ($1, $2, $3, 'active', $4, $5, $6)",
        *(repo_id, new.did, new.handle, now, new.signing_key, new.rotation_key),
    )
    yield from identities.add_operation(repo_id, 0, new.operation)
    head, block = new.first
    yield execute(
        "INSERT INTO pds_head (repo_id, rev, commit_cid, commit_block, root_cid) VALUES ($1, $2, $3, $4, $5)",
        *(repo_id, head.rev, head.commit_cid, block, head.root_cid),
    )
    yield execute(
        "INSERT INTO pds_node (repo_id, prefix, cid, rev, block) VALUES ($1, $2, $3, $4, $5)",
        *(repo_id, prefix_of(head.root_cid), head.root_cid, head.rev, EMPTY_ROOT),
    )
    yield from append_events(repo_id, _first_events(new.handle, head, block, rfc3339(new.made_at)), now)


def _first_events(handle: str, head: Head, block: bytes, time: str) -> list[Event]:
    root, commit = Cid(head.root_cid), Cid(head.commit_cid)
    return [
        identity_event(head.did, handle, time),
        account_event(head.did, "active", time),
        commit_event(None, head, [], write_car([commit], [(commit, block), (root, EMPTY_ROOT)]), time),
        sync_event(head, write_car([commit], [(commit, block)]), time),
    ]
