"""The four requests of a client to an authorization server: push a request, exchange its code, refresh, revoke.

Every one carries a DPoP proof and, for a confidential client, an assertion signed for the issuer. A server that wants a
nonce refuses the first request with one; the request is then sent once more with it, and no third time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urlencode

from tonearm.atproto.formats import is_did
from tonearm.identity.oauth.dpop import unpadded
from tonearm.identity.oauth.errors import (
    OAuthError,
    ServerRefusedError,
    ServerUnavailableError,
    ServerUnsuitableError,
    TokenAnswerError,
)
from tonearm.identity.oauth.metadata import CONFIDENTIAL, PUBLIC
from tonearm.identity.oauth.scopes import ATPROTO, ScopeError, Scopes
from tonearm.outbound import (
    OutboundAnswerError,
    OutboundRefusedError,
    OutboundUnavailableError,
)

if TYPE_CHECKING:
    from tonearm.identity.oauth.dpop import Prover
    from tonearm.identity.oauth.keys import SigningKey
    from tonearm.identity.oauth.metadata import ServerMetadata
    from tonearm.outbound import OutboundAnswer, OutboundClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIVES_S = 60
TIMEOUT_S = 15.0
TOKEN_LIMIT = 16_384
LONGEST_LIFE_S = 86_400
NONCE_WANTED = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What one login or session proves itself with, at every request of its life.

    Attributes:
        client_id: the client that it belongs to.
        dpop_key: its own key.
        client_key: the key that signs for the client; None for the development client. The server binds the session
            to this very key.
    """

    client_id: str
    dpop_key: SigningKey
    client_key: SigningKey | None

    @property
    def auth_method(self) -> str:
        """How the client proves who it is."""
        return PUBLIC if self.client_key is None else CONFIDENTIAL


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a server has granted.

    Attributes:
        sub: the DID that it was granted for, not yet proven.
        refresh_token: None when the session ends with its access token.
        expires_at: when the access token ends, seconds since 1970; None when the server does not say.
    """

    sub: str
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scopes: Scopes
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Sends the requests."""

    outbound: OutboundClient
    prover: Prover

    async def push(
        self,
        server: ServerMetadata,
        proofs: Proofs,
        *,
        redirect_uri: str,
        scopes: Scopes,
        state: str,
        verifier: str,
        login_hint: str | None,
        prompt: str | None,
    ) -> str:
        """Push an authorization request and answer the URL to which the browser is sent.

        Raises:
            OAuthError: it was not taken.
        """
        form = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": str(scopes),
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            **({"login_hint": login_hint} if login_hint else {}),
            **({"prompt": prompt} if prompt else {}),
        }
        answer = await self._post(server, server.request_endpoint, proofs, form)
        request_uri = _object(answer).get("request_uri")
        if answer.status not in (200, 201) or not isinstance(request_uri, str) or not 0 < len(request_uri) <= 2048:
            raise _refusal(server, answer)
        query = urlencode({"client_id": proofs.client_id, "request_uri": request_uri})
        return f"{server.authorization_endpoint}{'&' if '?' in server.authorization_endpoint else '?'}{query}"

    async def exchange(
        self, server: ServerMetadata, proofs: Proofs, *, code: str, redirect_uri: str, verifier: str
    ) -> Tokens:
        """Exchange a code for tokens.

        Raises:
            OAuthError: there are none. With `TokenAnswerError` there are some that must not be used.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return await self._tokens(server, proofs, await self._post(server, server.token_endpoint, proofs, form))

    async def refresh(self, server: ServerMetadata, proofs: Proofs, refresh_token: str) -> Tokens:
        """Exchange a refresh token, which is good for one use, for new tokens.

        Raises:
            OAuthError: as `exchange`; `ServerUnavailableError.lost` says that the old one may be used up.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._tokens(server, proofs, await self._post(server, server.token_endpoint, proofs, form))

    async def revoke(self, server: ServerMetadata, proofs: Proofs, token: str) -> None:
        """End a session at its server; nothing happens where the server has no way to.

        Raises:
            OAuthError: the server could not be told.
        """
        if server.revocation_endpoint is None:
            return
        answer = await self._post(server, server.revocation_endpoint, proofs, {"token": token})
        if answer.status not in (200, 204):
            raise _refusal(server, answer)

    async def _post(self, server: ServerMetadata, url: str, proofs: Proofs, form: dict[str, str]) -> OutboundAnswer:
        server.require(proofs.auth_method)
        answer = await self._send(server, url, proofs, form)
        if _object(answer).get("error") == NONCE_WANTED and answer.headers.get("DPoP-Nonce"):
            answer = await self._send(server, url, proofs, form)
        return answer

    async def _send(self, server: ServerMetadata, url: str, proofs: Proofs, form: dict[str, str]) -> OutboundAnswer:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "DPoP": self.prover.proof(proofs.dpop_key, "authorization", "POST", url),
        }
        body = urlencode({"client_id": proofs.client_id, **form, **self._assertion(server, proofs)}).encode()
        try:
            answer = await self.outbound.fetch(
                "POST", url, headers=headers, body=body, timeout_s=TIMEOUT_S, redirects=0
            )
        except OutboundRefusedError as error:
            raise ServerUnsuitableError(f"{server.issuer} may not be asked: {error}") from error
        except OutboundUnavailableError as error:
            told = f"{server.issuer} does not answer. Try again later."
            raise ServerUnavailableError(told, lost=error.sent) from error
        except OutboundAnswerError as error:
            raise ServerUnavailableError(f"{server.issuer} answers with nothing of use: {error}", lost=True) from error
        self.prover.nonces.note("authorization", url, answer.headers)
        return answer

    def _assertion(self, server: ServerMetadata, proofs: Proofs) -> dict[str, str]:
        """A confidential client's proof of who it is, for this issuer and this minute."""
        key = proofs.client_key
        if key is None:
            return {}
        now = int(self.prover.now())
        claims = {
            "iss": proofs.client_id,
            "sub": proofs.client_id,
            "aud": server.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + ASSERTION_LIVES_S,
        }
        signed = key.sign({"typ": "JWT", "kid": key.key_id}, claims)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    async def _tokens(self, server: ServerMetadata, proofs: Proofs, answer: OutboundAnswer) -> Tokens:
        if answer.status != 200:
            raise _refusal(server, answer)
        body = _object(answer)
        if not body:
            raise ServerUnavailableError(f"{server.issuer} answered with nothing that we know.", lost=True)
        try:
            return _granted(body, self.prover.now())
        except TokenAnswerError as error:
            for name in ("refresh_token", "access_token"):
                if _is_token(body.get(name)):
                    with contextlib.suppress(OAuthError):
                        await self.revoke(server, proofs, body[name])
            raise TokenAnswerError(f"{server.issuer} {error}") from None


def _granted(body: dict[str, Any], now: float) -> Tokens:
    """Read the tokens of an answer; the errors say what the server did wrong."""
    access, refresh, lives_s, sub = (body.get(k) for k in ("access_token", "refresh_token", "expires_in", "sub"))
    if not _is_token(access) or not (refresh is None or _is_token(refresh)):
        raise TokenAnswerError("answered without a token that can be sent.")
    if str(body.get("token_type")).lower() != "dpop":
        raise TokenAnswerError("answered with tokens that are not bound to our key.")
    if not isinstance(sub, str) or not is_did(sub):
        raise TokenAnswerError("does not say by a DID whom its tokens are for.")
    try:
        scopes = Scopes.parse(str(body.get("scope", "")))
    except ScopeError as error:
        raise TokenAnswerError(f"does not say what it permits: {error}.") from None
    if not scopes.is_atproto:
        raise TokenAnswerError(f"answered with tokens that are not of atproto: their scope lacks {ATPROTO}.")
    lives = lives_s if isinstance(lives_s, int) and 0 < lives_s <= LONGEST_LIFE_S else None
    return Tokens(sub, str(access), refresh, scopes, None if lives is None else now + lives)


def challenge_of(verifier: str) -> str:
    """The challenge of a code verifier by S256. Source: RFC 7636."""
    return unpadded(hashlib.sha256(verifier.encode()).digest())


def _object(answer: OutboundAnswer) -> dict[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _refusal(server: ServerMetadata, answer: OutboundAnswer) -> OAuthError:
    """The error for an answer that is not what was asked for."""
    body = _object(answer)
    code, description = body.get("error"), body.get("error_description")
    if answer.status >= 500 or answer.status == 429:
        return ServerUnavailableError(f"{server.issuer} cannot answer now (status {answer.status}). Try again later.")
    if not isinstance(code, str):
        return ServerUnsuitableError(f"{server.issuer} answered with status {answer.status} and nothing that we know.")
    return ServerRefusedError(code, description if isinstance(description, str) else "", server.issuer)


def _is_token(value: object) -> TypeGuard[str]:
    """Whether this can stand in a header: printable ASCII without spaces."""
    return isinstance(value, str) and 0 < len(value) <= TOKEN_LIMIT and all("!" <= c <= "~" for c in value)
