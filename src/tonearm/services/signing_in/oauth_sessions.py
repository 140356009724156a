"""Sessions with PDSes elsewhere that somebody agreed to by OAuth: used, refreshed, ended.

A refresh token is good for one use, and using it twice ends the session at the server. So one task in one process
refreshes at a time, under a lease in the database; the new tokens are stored before anybody uses them; and before the
old one is sent, the account is walked anew to its issuer, so that it goes to nobody who has taken the account's place.

When the answer to a refresh is lost, the token is sent once more: if the first request did not arrive this saves the
session, and if it did, the session cannot be saved, since nobody has its tokens. A session that is lost leaves the
account's writes waiting in the outbox until the next login. Decision 0008 has the reasons.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tonearm.identity.oauth.dpop import origin_of
from tonearm.identity.oauth.endpoints import Proofs
from tonearm.identity.oauth.errors import (
    IssuerMismatchError,
    OAuthError,
    ServerRefusedError,
    ServerUnavailableError,
    TokenAnswerError,
)
from tonearm.identity.oauth.keys import SigningKey, prepare
from tonearm.identity.oauth.metadata import server_metadata
from tonearm.identity.oauth.scopes import Scopes
from tonearm.identity.resolution import IdentityError
from tonearm.pds.errors import PdsSessionLostError, PdsUnavailableError
from tonearm.services.signing_in.oauth_store import KeptSession

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from types import TracebackType
    from typing import Any, Self

    from tonearm.identity.oauth.discovery import Discovery
    from tonearm.identity.oauth.dpop import Prover
    from tonearm.identity.oauth.endpoints import Endpoints, Tokens
    from tonearm.identity.resolution import Identity
    from tonearm.services.signing_in.oauth_client_keys import OAuthClientKeys
    from tonearm.services.signing_in.oauth_store import OAuthStore

log = logging.getLogger(__name__)

REFRESH_BEFORE_S = 30.0
"""An access token that ends so soon is exchanged before it is used."""
REVOKE_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class OAuthAccess:
    """What authorises calls of one account's PDS (`tonearm.pds.remote.access.PdsAccess`)."""

    session: KeptSession
    sessions: OAuthSessions = field(repr=False)

    @property
    def did(self) -> str:
        """The account."""
        return self.session.did

    @property
    def pds_url(self) -> str:
        """Its PDS."""
        return self.session.pds_url

    def headers(self, method: str, url: str) -> dict[str, str]:
        """The headers of one request."""
        token = self.session.access_token
        key = SigningKey.from_private(self.session.dpop_key)
        proof = self._prover.proof(key, "resource", method, url, access_token=token)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    def heard(self, url: str, status: int, headers: Mapping[str, str]) -> bool:
        """Take the nonce out of an answer; True when the same request is worth sending once more, with it."""
        noted = self._prover.nonces.note("resource", url, headers)
        return noted and status == 401 and "use_dpop_nonce" in headers.get("WWW-Authenticate", "")

    async def renewed(self) -> OAuthAccess:
        """The same with newer tokens."""
        return OAuthAccess(await self.sessions.refreshed(self.session), self.sessions)

    @property
    def _prover(self) -> Prover:
        return self.sessions.endpoints.prover


@dataclass(frozen=True, slots=True)
class OAuthSessions:
    """The sessions, one for each account at most. An async context manager: leaving it waits for what is under way."""

    store: OAuthStore
    discovery: Discovery
    endpoints: Endpoints
    client_keys: OAuthClientKeys
    _refreshing: dict[int, asyncio.Task[KeptSession]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        waiting = {*self._refreshing.values(), *self._tasks}
        if waiting:
            await asyncio.wait(waiting)

    async def has(self, did: str) -> bool:
        """Whether the account has a session."""
        return await self.store.of_did(did) is not None

    async def scopes(self, did: str) -> Scopes | None:
        """What the account's session permits; None without one."""
        session = await self.store.of_did(did)
        return None if session is None else Scopes.parse(session.scope)

    async def keep(self, actor_id: int, identity: Identity, issuer: str, proofs: Proofs, tokens: Tokens) -> None:
        """Store the session that a login has brought. One that the account had before is revoked."""
        old = await self.store.replace(
            KeptSession(
                actor_id=actor_id,
                session_id=secrets.token_hex(16),
                did=identity.did,
                pds_url=origin_of(identity.pds_url or ""),
                issuer=issuer,
                client_id=proofs.client_id,
                client_key_id=proofs.client_key.key_id if proofs.client_key else None,
                scope=str(tokens.scopes),
                access_token=tokens.access_token,
                refresh_token=tokens.refresh_token,
                expires_at=tokens.expires_at,
                dpop_key=proofs.dpop_key.private(),
            )
        )
        if old is not None:
            self._in_background(self._revoke(old))

    async def end(self, did: str) -> None:
        """Forget the account's session, and revoke it at its server. Without one it does nothing.

        The session is gone here when this returns, also when the server could not be told.
        """
        session = await self.store.of_did(did)
        if session is not None and await self.store.drop(session):
            await prepare()
            await self._revoke(session)

    async def load(self, did: str) -> OAuthAccess | None:
        """What authorises calls of the account's PDS now; None without a session.

        Raises:
            PdsError: as `refreshed`.
        """
        session = await self.store.of_did(did)
        if session is None:
            return None
        await prepare()
        if session.expires_at is not None and session.expires_at - REFRESH_BEFORE_S <= self.store.now():
            session = await self.refreshed(session)
        return OAuthAccess(session, self)

    async def refreshed(self, stale: KeptSession) -> KeptSession:
        """The account's session with newer tokens, which are stored already.

        Raises:
            PdsSessionLostError: the session is over, and was dropped.
            PdsUnavailableError: it could not be refreshed now, and was kept.
        """
        task = self._refreshing.get(stale.actor_id)
        if task is None:
            task = asyncio.create_task(self._refresh(stale), name="refresh an OAuth session")
            self._refreshing[stale.actor_id] = task
            task.add_done_callback(lambda done: self._ended(stale.actor_id, done))
        # A caller that gives up must not stop the refresh between the server's answer and the store.
        return await asyncio.shield(task)

    def _ended(self, actor_id: int, task: asyncio.Task[KeptSession]) -> None:
        del self._refreshing[actor_id]
        if not task.cancelled():
            task.exception()  # it is the callers' to raise; when all of them gave up it must not count as unnoticed

    async def _refresh(self, stale: KeptSession) -> KeptSession:
        async with self.store.locked(stale.actor_id):
            session = await self.store.of_actor(stale.actor_id)
            if session is None:
                raise PdsSessionLostError("the account has no session on its PDS")
            if session.access_token != stale.access_token:
                return session  # another process was faster, or there was a login
            try:
                return await self._exchange(session)
            except (IssuerMismatchError, TokenAnswerError) as error:
                return await self._lost(session, str(error))
            except ServerRefusedError as error:
                if error.code == "invalid_grant":
                    return await self._lost(session, str(error))
                raise PdsUnavailableError(str(error)) from error
            except ServerUnavailableError as error:
                if error.lost:
                    return await self._lost(session, "the answer to its refresh was lost")
                raise PdsUnavailableError(str(error)) from error
            except (OAuthError, IdentityError) as error:
                raise PdsUnavailableError(str(error)) from error

    async def _exchange(self, session: KeptSession) -> KeptSession:
        """Exchange the refresh token and store what it brings."""
        pds_url, server = await self.discovery.still_speaks(session.did, session.issuer)
        proofs = await self._proofs(session)
        if proofs is None or session.refresh_token is None:
            raise TokenAnswerError("the session cannot be refreshed any more: its key or its refresh token is gone")
        try:
            tokens = await self.endpoints.refresh(server, proofs, session.refresh_token)
        except ServerUnavailableError as error:
            if not error.lost:
                raise
            tokens = await self.endpoints.refresh(server, proofs, session.refresh_token)
        fresh = replace(
            session,
            pds_url=pds_url,
            scope=str(tokens.scopes),
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or session.refresh_token,
            expires_at=tokens.expires_at,
        )
        if tokens.sub != session.did:
            await self._revoke(fresh)
            raise TokenAnswerError(f"{session.issuer} answered with the tokens of another account")
        if await self.store.update(fresh):
            return fresh
        await self._revoke(fresh)
        return await self._newer(session)

    async def _newer(self, session: KeptSession) -> KeptSession:
        """The session of the login that has replaced one."""
        newer = await self.store.of_actor(session.actor_id)
        if newer is None:
            raise PdsSessionLostError("the session was ended")
        return newer

    async def _lost(self, session: KeptSession, why: str) -> KeptSession:
        """Drop a session that is over and say so; answer the one of a login that has replaced it meanwhile."""
        if not await self.store.drop(session):
            return await self._newer(session)
        self._in_background(self._revoke(session))  # the server may still take it for good
        log.warning("the session of %s with %s is lost: %s", session.did, session.issuer, why)
        raise PdsSessionLostError(f"Log in again, so that Tonearm may go on writing to your repository: {why}")

    async def _proofs(self, session: KeptSession) -> Proofs | None:
        """What the session proves itself with; None when the client's key is gone."""
        key = None
        if session.client_key_id is not None:
            key = await self.client_keys.by_id(session.client_key_id)
            if key is None:
                return None
        return Proofs(session.client_id, SigningKey.from_private(session.dpop_key), key)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _revoke(self, session: KeptSession) -> None:
        """Tell the server that a session is over, if that can be done; it runs out there otherwise."""
        try:
            async with asyncio.timeout(REVOKE_TIMEOUT_S):
                proofs = await self._proofs(session)
                if proofs is not None:
                    server = await server_metadata(self.discovery.outbound, session.issuer)
                    await self.endpoints.revoke(server, proofs, session.refresh_token or session.access_token)
        except (OAuthError, TimeoutError) as error:
            log.warning("%s could not be told that a session is over: %s", session.issuer, type(error).__name__)
