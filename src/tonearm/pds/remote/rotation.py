"""Exchanging a session's tokens for fresh ones, once, however many callers need them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsError, PdsSessionLostError, PdsUnavailableError
from tonearm.pds.remote.login import session_of
from tonearm.pds.remote.outcome import EXPIRED_TOKEN_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tonearm.pds.remote.session import PdsSession, SessionStore
    from tonearm.pds.remote.transport import Answer, PdsTransport


@dataclass(frozen=True, slots=True)
class AppPasswordAccess:
    """What authorises calls with the session that an app password was exchanged for (`PdsAccess`)."""

    session: PdsSession
    rotation: SessionRotation = field(repr=False)

    @property
    def did(self) -> str:
        """The account."""
        return self.session.did

    @property
    def pds_url(self) -> str:
        """Its PDS."""
        return self.session.pds_url

    def headers(self, method: str, url: str) -> dict[str, str]:
        """The same for every request."""
        del method, url
        return {"Authorization": f"Bearer {self.session.access_jwt}"}

    def heard(self, url: str, status: int, headers: Mapping[str, str]) -> bool:
        """Nothing is to be learned from an answer."""
        del url, status, headers
        return False

    async def renewed(self) -> AppPasswordAccess:
        """The same with newer tokens."""
        return AppPasswordAccess(await self.rotation.rotated(self.session), self.rotation)


class SessionRotation:
    """Loads sessions and rotates them; one rotation at a time for each account, here and in other processes."""

    def __init__(
        self, transport: PdsTransport, sessions: SessionStore, failed: Callable[[PdsSession, Answer], PdsError]
    ) -> None:
        """Build it.

        Args:
            transport: sends the calls.
            sessions: where sessions are kept.
            failed: names the error for an answer that brought no session.
        """
        self._transport = transport
        self._sessions = sessions
        self._failed = failed
        self._running: dict[str, asyncio.Task[PdsSession]] = {}

    async def load(self, did: str) -> AppPasswordAccess | None:
        """Answer what the account's session, as it is stored now, authorises calls with."""
        session = await self._sessions.load(did)
        return None if session is None else AppPasswordAccess(session, self)

    async def rotated(self, stale: PdsSession) -> PdsSession:
        """Answer a session whose tokens are newer than those of `stale`, stored already.

        Raises:
            PdsSessionLostError: the PDS takes the refresh token no more, and the session was dropped; or the account
                is closed, and the session was kept.
            PdsUnavailableError: no usable answer. The session was kept: the PDS may take the same token again.
            PdsRateLimitedError: the PDS said when to come back.
        """
        task = self._running.get(stale.did)
        if task is None:
            task = asyncio.create_task(self._rotate(stale), name="rotate a PDS session")
            self._running[stale.did] = task
            task.add_done_callback(lambda done: self._ended(stale.did, done))
        # A caller that gives up must not stop the rotation between the PDS's answer and the store.
        return await asyncio.shield(task)

    async def end(self, did: str) -> None:
        """End an account's session at its PDS and forget it. One that the PDS could not be told of is forgotten too."""
        async with self._sessions.locked(did):
            session = await self._sessions.load(did)
            if session is None:
                return
            with contextlib.suppress(PdsError):
                await self._transport.post(
                    session.pds_url,
                    nsids.COM_ATPROTO_SERVER_DELETE_SESSION,
                    None,
                    token=session.refresh_jwt,
                    lost=PdsUnavailableError,
                )
            await self._sessions.drop(did)

    async def settle(self) -> None:
        """Wait for rotations under way, so that no rotated token is lost."""
        if self._running:
            await asyncio.wait(self._running.values())

    async def _rotate(self, stale: PdsSession) -> PdsSession:
        async with self._sessions.locked(stale.did):
            current = await self._sessions.load(stale.did)
            if current is None:
                raise PdsSessionLostError("the account has no session on its PDS")
            if current.access_jwt != stale.access_jwt:
                return current  # another process was faster
            answer = await self._transport.post(
                current.pds_url,
                nsids.COM_ATPROTO_SERVER_REFRESH_SESSION,
                None,
                token=current.refresh_jwt,
                lost=PdsUnavailableError,
            )
            fresh = session_of(answer, current.pds_url)
            if fresh is not None and fresh.did == current.did:
                await self._sessions.save(current.did, fresh)
                return fresh
            if answer.status in (400, 401) and answer.error in EXPIRED_TOKEN_ERRORS:
                await self._sessions.drop(current.did)
            raise self._failed(current, answer)

    def _ended(self, did: str, task: asyncio.Task[PdsSession]) -> None:
        del self._running[did]
        if not task.cancelled():
            task.exception()  # it is the callers' to raise; when all of them gave up it must not count as unnoticed
