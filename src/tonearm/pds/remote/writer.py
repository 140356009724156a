"""`RepoWriter` for repositories on any PDS."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from tonearm.atproto.formats import is_cid, is_tid
from tonearm.lexicons import nsids
from tonearm.pds.errors import (
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.remote.batch import apply_writes_body, commit_of, differing
from tonearm.pds.remote.outcome import error_of, is_token_refused
from tonearm.pds.remote.pacing import Pacing, cost_of
from tonearm.pds.remote.rotation import SessionRotation
from tonearm.pds.remote.transport import CALL_TIMEOUT_S, PdsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from types import TracebackType
    from typing import Self

    from tonearm.outbound import OutboundClient
    from tonearm.pds.errors import PdsError
    from tonearm.pds.remote.access import AccessSource, PdsAccess
    from tonearm.pds.remote.session import SessionStore
    from tonearm.pds.remote.transport import Answer
    from tonearm.pds.writer import CommitResult, RepoWrite

LOOKUPS_AT_ONCE = 8
CAR_LIMIT_BYTES = 2 * 1024**3

log = logging.getLogger(__name__)


class RemotePds:
    """Repositories on PDSes that we reach over HTTP, each with its owner's session.

    An async context manager: leaving it waits for session rotations under way, so that no rotated token is lost.
    """

    def __init__(
        self,
        http: OutboundClient,
        sessions: SessionStore,
        *,
        others: Sequence[AccessSource] = (),
        clock: Callable[[], float] = time.time,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        """Build a writer.

        Args:
            http: the outbound client, closed by its owner after this object.
            sessions: where app-password sessions are kept.
            others: keepers of sessions of other kinds, which are asked first.
            clock: seconds since the Unix epoch.
            timeout_s: longest time for one call of a PDS.
        """
        self._transport = PdsTransport(http, timeout_s=timeout_s)
        self._clock = clock
        self._pacing = Pacing()
        self._sessions = SessionRotation(
            self._transport,
            sessions,
            lambda session, answer: self._error(session.pds_url, answer, PdsUnavailableError),
        )
        self._sources: tuple[AccessSource, ...] = (*others, self._sessions)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._sessions.settle()

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        """Store all writes in one commit, or none. The contract is that of `RepoWriter.apply_writes`."""
        body = apply_writes_body(did, writes)
        access = await self.access(did)
        self._pace(did, cost_of(writes))
        answer = await self._apply(access, body)
        if is_token_refused(answer):
            answer = await self._apply(await access.renewed(), body)
        commit = commit_of(answer)
        if commit is None:
            raise self._error(did, answer, PdsUnclearError)
        for write in differing(writes, answer):
            # The record is there, so the write stands; our encoder and the PDS's do not agree on its bytes.
            log.warning("the PDS stored %s/%s of %s with another CID", write.collection, write.rkey, did)
        return commit

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Say which records exist. The contract is that of `RepoWriter.existing`; never raises `PdsUnclearError`.

        One `getRecord` for each key, a few at a time.
        """
        access = await self.access(did)
        found: dict[tuple[str, str], str] = {}
        waiting = iter(dict.fromkeys(keys))

        async def look_up() -> None:
            for key in waiting:
                cid = await self._cid_of(access, *key)
                if cid is not None:
                    found[key] = cid

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(LOOKUPS_AT_ONCE, len(keys))):
                    group.create_task(look_up())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return found

    async def latest_rev(self, did: str) -> str:
        """Say which revision a repository is at. The contract is that of `RepoWriter.latest_rev`."""
        access = await self.access(did)
        answer = await self._ask(access, nsids.COM_ATPROTO_SYNC_GET_LATEST_COMMIT, {"did": did})
        rev = answer.body.get("rev") if answer.status == 200 and answer.body else None
        if isinstance(rev, str) and is_tid(rev):
            return rev
        raise self._error(access.pds_url, answer, PdsUnavailableError)

    async def export_car(self, did: str, *, limit_bytes: int = CAR_LIMIT_BYTES) -> AsyncIterator[bytes]:
        """Stream the whole repository as a CAR file, as the PDS sends it, unverified.

        Raises:
            PdsSessionLostError: no session, so the PDS is not known.
            PdsUnavailableError: no answer, or it broke off; what was yielded so far is not the whole repository.
            PdsRefusedError: the repository is larger than `limit_bytes`, or the PDS refuses.
        """
        access = await self.access(did)
        stream = self._transport.stream(access.pds_url, nsids.COM_ATPROTO_SYNC_GET_REPO, {"did": did})
        received = 0
        async with stream as (refusal, chunks):
            if refusal is not None:
                raise self._error(access.pds_url, refusal, PdsUnavailableError)
            async for chunk in chunks:
                received += len(chunk)
                if received > limit_bytes:
                    raise PdsRefusedError("PayloadTooLarge", f"the repository is larger than {limit_bytes} bytes")
                yield chunk

    async def upload_blob(self, did: str, media_type: str, content: bytes) -> None:
        """Hand a blob to the account's PDS, which keeps it for some hours until a record references it.

        Raises:
            PdsError: as `RepoWriter.apply_writes`; an upload may be repeated after any of them.
        """
        access = await self.access(did)
        self._pace(access.pds_url, 1)
        for _ in range(2):
            answer = await self._transport.post_as(
                access, nsids.COM_ATPROTO_REPO_UPLOAD_BLOB, content, lost=PdsUnavailableError, media_type=media_type
            )
            if not is_token_refused(answer):
                break
            access = await access.renewed()
        if answer.status != 200:
            raise self._error(access.pds_url, answer, PdsUnavailableError)

    async def end_session(self, did: str) -> None:
        """End an account's session at its PDS, if that answers, and forget it; without one nothing happens."""
        await self._sessions.end(did)

    async def access(self, did: str) -> PdsAccess:
        """What authorises calls of the account's PDS now.

        Raises:
            PdsSessionLostError: the account has no session.
            PdsError: as `PdsAccess.renewed`.
        """
        for source in self._sources:
            access = await source.load(did)
            if access is not None:
                return access
        raise PdsSessionLostError("the account has no session on its PDS")

    async def _apply(self, access: PdsAccess, body: bytes) -> Answer:
        answer = await self._transport.post_as(access, nsids.COM_ATPROTO_REPO_APPLY_WRITES, body, lost=PdsUnclearError)
        self._pacing.note(access.did, answer.headers, self._clock())
        return answer

    async def _ask(self, access: PdsAccess, nsid: str, params: dict[str, str]) -> Answer:
        self._pace(access.pds_url, 1)
        answer = await self._transport.get(access.pds_url, nsid, params, lost=PdsUnavailableError)
        self._pacing.note(access.pds_url, answer.headers, self._clock())
        return answer

    async def _cid_of(self, access: PdsAccess, collection: str, rkey: str) -> str | None:
        params = {"repo": access.did, "collection": collection, "rkey": rkey}
        answer = await self._ask(access, nsids.COM_ATPROTO_REPO_GET_RECORD, params)
        if answer.error == "RecordNotFound" and answer.status in (400, 404):
            return None
        cid = answer.body.get("cid") if answer.status == 200 and answer.body else None
        if isinstance(cid, str) and is_cid(cid):
            return cid
        raise self._error(access.pds_url, answer, PdsUnavailableError)

    def _pace(self, key: str, cost: int) -> None:
        retry_at = self._pacing.wait_until(key, cost, self._clock())
        if retry_at is not None:
            raise PdsRateLimitedError(retry_at, "held back so that the PDS's rate limit is not reached")

    def _error(self, pacing_key: str, answer: Answer, lost: type[PdsError]) -> PdsError:
        error = error_of(answer, lost=lost, now=self._clock())
        if isinstance(error, PdsRateLimitedError):
            self._pacing.exhaust(pacing_key, error.retry_at)
        return error
