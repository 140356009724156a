"""Logging in with an account on any PDS: begun here, agreed to there, finished here.

`begin` answers the address to which the browser is sent; the browser comes back to `/oauth/callback`, whose query goes
to `finish`. In between, the request stands in the database, sealed, under the hash of its `state`. It is good for one
callback, for ten minutes, and only in the browser that began it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tonearm.identity.oauth.endpoints import Proofs
from tonearm.identity.oauth.errors import OAuthError, OAuthUnavailableError, in_their_words
from tonearm.identity.oauth.keys import SigningKey, prepare
from tonearm.identity.oauth.metadata import CONFIDENTIAL, PUBLIC, server_metadata
from tonearm.identity.resolution import IdentityError
from tonearm.index.queries import actors, oauth
from tonearm.services.accounts import NO_HANDLE, AccountDeactivatedError, AccountError
from tonearm.services.identity_hash import MICROS
from tonearm.services.signing_in.login_policy import LoginNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tonearm.identity.oauth.clients import Client
    from tonearm.identity.oauth.endpoints import Tokens
    from tonearm.identity.oauth.metadata import ServerMetadata
    from tonearm.identity.oauth.scopes import Scopes
    from tonearm.identity.resolution import Identity
    from tonearm.index.queries.actors import AccountRow
    from tonearm.services.accounts import Accounts
    from tonearm.services.outbox import OutboxWriter
    from tonearm.services.signing_in.login_policy import LoginPolicy
    from tonearm.services.signing_in.oauth_sessions import OAuthSessions
    from tonearm.xrpc.permissions import PermissionSet

REQUEST_LIVES_S = 600.0
LONGEST_PARAMETER = 2048
PROMPTS = frozenset({"login", "consent", "select_account", "none", "create"})
REVOKE_TIMEOUT_S = 15.0

_STATE_UNKNOWN = "This login was begun in another browser, was finished already, or has taken too long. Begin again."


class OAuthLoginError(Exception):
    """A login did not come about, and has left nothing behind. The message says what to do, in words for people.

    Attributes:
        name: for programs, for example `AccessDenied`, `StateUnknown`, `IssuerMismatch`, `SubjectMismatch`,
            `HandleNotFound`, `NotAllowed`, `ServerUnsuitable`, `ServerUnavailable`.
        purpose: what `begin` was given, when the callback belongs to a login that was begun in this browser.
    """

    def __init__(self, name: str, message: str, purpose: Mapping[str, Any] | None = None) -> None:
        """Remember what went wrong, and in what."""
        super().__init__(message)
        self.name = name
        self.purpose = purpose


@dataclass(frozen=True, slots=True)
class FinishedLogin:
    """Somebody has proved who they are, and their PDS lets us write.

    Attributes:
        account: theirs, made now if it is their first login.
        purpose: what `begin` was given.
        first: whether the account was made now.
    """

    account: AccountRow
    purpose: Mapping[str, Any]
    first: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What accounts are asked to permit.

    Attributes:
        always: at every login.
        more: beside it, by the `kind` of the login's purpose.
        collections: those in which a login without permission to write is refused.
        known_set: the permission set that `always` may name, to understand a grant that names it too.
    """

    always: Scopes
    more: Mapping[str, Scopes]
    collections: Sequence[str]
    known_set: PermissionSet

    def scopes(self, purpose: Mapping[str, Any]) -> Scopes:
        """What a login with this purpose asks for."""
        more = self.more.get(str(purpose.get("kind")))
        return self.always if more is None else self.always | more

    @property
    def most(self) -> Scopes:
        """All that is ever asked for: what the client's document has to name."""
        scopes = self.always
        for more in self.more.values():
            scopes |= more
        return scopes


@dataclass(frozen=True, slots=True)
class _Request:
    """A login under way, as it is sealed."""

    issuer: str
    expected_did: str | None
    client_id: str
    client_key_id: str | None
    dpop_key: dict[str, Any] = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    purpose: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OAuthLogins:
    """Begins and finishes logins.

    Attributes:
        client: who we are to servers, or why we are nobody.
    """

    sessions: OAuthSessions
    accounts: Accounts
    policy: LoginPolicy
    outbox: OutboxWriter
    asked: Asked
    client: Client | OAuthUnavailableError

    @property
    def origin(self) -> str | None:
        """Where the browser has to be when it begins, since the callback comes there: a scheme, a host, perhaps a port.

        It is the public URL, but `http://127.0.0.1:PORT` for `http://localhost:PORT`. None: no login is possible under
        the public URL, and `begin` says why.
        """
        return None if isinstance(self.client, OAuthUnavailableError) else self.client.origin

    async def begin(
        self, identifier: str, *, binding: str, purpose: Mapping[str, Any], prompt: str | None = None
    ) -> str:
        """Begin a login and answer the URL to send the browser to.

        Args:
            identifier: a handle, a DID, or the URL of a PDS or of an authorization server.
            binding: the value of a random cookie of this browser; `finish` must be given the same one.
            purpose: comes back as it is, for example `{"kind": "page", "return_to": "/"}`.
            prompt: `login`, `consent`, `select_account`, `none` or `create`, for the server; None leaves it to it.

        Raises:
            OAuthLoginError: nothing was begun.
        """
        if prompt is not None and prompt not in PROMPTS:
            raise OAuthLoginError("InvalidRequest", f"A prompt is one of {', '.join(sorted(PROMPTS))}.", purpose)
        if not binding:
            raise OAuthLoginError("InvalidRequest", "Your browser must accept cookies to log in.", purpose)
        try:
            return await self._begin(identifier, binding, purpose, prompt)
        except (OAuthError, IdentityError) as error:
            raise OAuthLoginError(error.name, str(error), purpose) from error

    async def _begin(self, identifier: str, binding: str, purpose: Mapping[str, Any], prompt: str | None) -> str:
        await prepare()
        client = self.client
        if isinstance(client, OAuthUnavailableError):
            raise client
        found = await self.sessions.discovery.find(identifier)
        found.server.require(CONFIDENTIAL if client.confidential else PUBLIC)
        key = await self.sessions.client_keys.signing() if client.confidential else None
        proofs = Proofs(client.client_id, SigningKey.generate(), key)
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        who = found.identity
        url = await self.sessions.endpoints.push(
            found.server,
            proofs,
            redirect_uri=client.redirect_uri,
            scopes=self.asked.scopes(purpose),
            state=state,
            verifier=verifier,
            login_hint=None if who is None else who.handle or who.did,
            prompt=prompt,
        )
        request = _Request(
            issuer=found.server.issuer,
            expected_did=None if who is None else who.did,
            client_id=client.client_id,
            client_key_id=None if key is None else key.key_id,
            dpop_key=proofs.dpop_key.private(),
            verifier=verifier,
            redirect_uri=client.redirect_uri,
            purpose=dict(purpose),
        )
        await self._keep(state, binding, request)
        return url

    async def _keep(self, state: str, binding: str, request: _Request) -> None:
        state_hash = _hash(state)
        sealed = self.sessions.store.sealer.seal(json.dumps(asdict(request)).encode(), request_context(state_hash))
        expires_at = int((self.sessions.store.now() + REQUEST_LIVES_S) * MICROS)
        await self.sessions.store.database.write(
            oauth.keep_request(state_hash, _hash(binding), request.client_key_id, sealed, expires_at)
        )

    async def finish(self, query: Mapping[str, str], *, binding: str) -> FinishedLogin:
        """Finish a login with the query of the callback.

        Raises:
            OAuthLoginError: there is no session afterwards, neither here nor there.
        """
        await prepare()
        request = await self._take(query.get("state", ""), binding)
        try:
            return await self._finish(request, query)
        except AccountDeactivatedError as error:
            raise OAuthLoginError("NotAllowed", str(error), request.purpose) from error
        except AccountError as error:
            raise OAuthLoginError("LocalAccount", str(error), request.purpose) from error
        except LoginNotAllowedError as error:
            raise OAuthLoginError(error.name, str(error), request.purpose) from error
        except (OAuthError, IdentityError) as error:
            raise OAuthLoginError(error.name, str(error), request.purpose) from error

    async def _take(self, state: str, binding: str) -> _Request:
        """Take out the login that a callback belongs to. It is gone then, whatever comes of it."""
        state_hash = _hash(state[:LONGEST_PARAMETER])
        row = await self.sessions.store.database.write(oauth.take_request(state_hash))
        if (
            row is None
            or row.expires_at <= int(self.sessions.store.now() * MICROS)
            or not hmac.compare_digest(row.binding_hash, _hash(binding))
        ):
            raise OAuthLoginError("StateUnknown", _STATE_UNKNOWN)
        return _Request(**json.loads(self.sessions.store.sealer.open(row.sealed, request_context(state_hash))))

    async def _finish(self, request: _Request, query: Mapping[str, str]) -> FinishedLogin:
        if query.get("iss") != request.issuer:
            told = f"The answer did not come from {request.issuer}, where this login was begun. Begin again."
            raise OAuthLoginError("IssuerMismatch", told, request.purpose)
        code = _code(query, request)
        server = await server_metadata(self.sessions.discovery.outbound, request.issuer)
        proofs = await self._proofs(request)
        tokens = await self.sessions.endpoints.exchange(
            server, proofs, code=code, redirect_uri=request.redirect_uri, verifier=request.verifier
        )
        try:
            login = await self._accept(request, proofs, tokens)
        except BaseException:
            await self._revoke(server, proofs, tokens)
            raise
        await self.outbox.resume(login.account.actor_id)
        return login

    async def _accept(self, request: _Request, proofs: Proofs, tokens: Tokens) -> FinishedLogin:
        """Make a session of tokens whose subject proves to be who they say."""
        if request.expected_did not in (None, tokens.sub):
            told = "You agreed as another account than the one that you named. Begin again, with the handle you mean."
            raise OAuthLoginError("SubjectMismatch", told, request.purpose)
        identity = await self.sessions.discovery.prove(tokens.sub, request.issuer)
        missing = tokens.scopes.expanded(self.asked.known_set).missing(self.asked.collections)
        if missing:
            told = f"Tonearm was not given permission to write {', '.join(missing)}. Begin again, and allow all of it."
            raise OAuthLoginError("PermissionMissing", told, request.purpose)
        await self.policy.check(identity)
        account, first = await self._account(identity)
        await self.sessions.keep(account.actor_id, identity, request.issuer, proofs, tokens)
        return FinishedLogin(account, request.purpose, first)

    async def _account(self, identity: Identity) -> tuple[AccountRow, bool]:
        known = await self.sessions.store.database.read(actors.account_of_did(identity.did))
        handle = identity.handle or (NO_HANDLE if known is None else known.handle)
        return await self.accounts.add_remote(identity.did, handle, identity.pds_url or ""), known is None

    async def _proofs(self, request: _Request) -> Proofs:
        key = None
        if request.client_key_id is not None:
            key = await self.sessions.client_keys.by_id(request.client_key_id)
            if key is None:
                raise OAuthLoginError("StateUnknown", _STATE_UNKNOWN, request.purpose)
        return Proofs(request.client_id, SigningKey.from_private(request.dpop_key), key)

    async def _revoke(self, server: ServerMetadata, proofs: Proofs, tokens: Tokens) -> None:
        """Give tokens back that must not be used; what cannot be told runs out."""
        work = asyncio.ensure_future(
            self.sessions.endpoints.revoke(server, proofs, tokens.refresh_token or tokens.access_token)
        )
        await asyncio.wait({work}, timeout=REVOKE_TIMEOUT_S)
        if not work.done():
            work.cancel()
        elif not work.cancelled():
            work.exception()

    async def tidy(self) -> None:
        """Forget logins that were never finished, and let the client's keys succeed each other."""
        await self.sessions.store.database.write(oauth.drop_requests(int(self.sessions.store.now() * MICROS)))
        await self.sessions.client_keys.tidy()


def request_context(state_hash: bytes) -> str:
    """What a login under way is sealed for."""
    return f"oauth_request {state_hash.hex()}"


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()


def _code(query: Mapping[str, str], request: _Request) -> str:
    """The code of a callback that says yes."""
    error = query.get("error")
    if error == "access_denied":
        told = "You did not agree, so nothing was changed. Begin again when you want to log in."
        raise OAuthLoginError("AccessDenied", told, request.purpose)
    if error is not None:
        words = in_their_words(query.get("error_description") or error)
        raise OAuthLoginError("ServerRefused", f"{request.issuer} did not log you in: {words}", request.purpose)
    code = query.get("code", "")
    if not 0 < len(code) <= LONGEST_PARAMETER or not code.isascii() or not code.isprintable():
        raise OAuthLoginError("ServerRefused", f"{request.issuer} sent you back without a code.", request.purpose)
    return code
