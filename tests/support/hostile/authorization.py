"""An authorization server: metadata, PAR, the page on which somebody agrees, tokens, revocation.

Source: the OAuth profile of atproto; RFC 6749, 7009, 8414, 9126, 9207, 9449.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from tests.support.hostile.answers import changed
from tests.support.hostile.clients import BadClientError, Client, client_of
from tests.support.hostile.peer import Peer, RefusedError
from tests.support.hostile.proofs import Nonces, Once, ProofError, check_assertion, check_dpop, hashed

if TYPE_CHECKING:
    from tests.support.hostile.world import Person

METADATA = "/.well-known/oauth-authorization-server"
PAR, AUTHORIZE, TOKEN, REVOKE, JWKS = "/oauth/par", "/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/jwks"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Asked:
    """What a client pushed, and the key that it proved."""

    client_id: str
    form: dict[str, str]
    jkt: str
    kid: str | None
    client: Client


@dataclass
class Grant:
    """A session of a client with somebody's account."""

    sub: str
    scope: str
    asked: Asked
    access_tokens: list[str] = field(default_factory=list)
    refresh_token: str = ""
    spent: list[str] = field(default_factory=list)
    ended: str = ""
    """Why it is no more: "revoked", "replayed", "code replayed", "expired"."""


@dataclass
class AuthorizationServer(Peer):
    """Each of `metadata`, `callback` and `tokens` changes what it says there; `signs_in` is who agrees."""

    people: dict[str, Person] = field(default_factory=dict)
    client_origins: dict[str, str] = field(default_factory=dict)
    pds_origins: list[str] = field(default_factory=list)
    signs_in: Person | None = None
    denies: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    nonces: Nonces = field(default_factory=Nonces)
    grants: list[Grant] = field(default_factory=list)
    _requests: dict[str, Asked] = field(default_factory=dict)
    _codes: dict[str, tuple[Asked, str]] = field(default_factory=dict)
    _used_codes: dict[str, Grant] = field(default_factory=dict)
    _jtis: Once = field(default_factory=Once)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(METADATA, self._metadata),
            web.get(JWKS, self._jwks),
            web.post(PAR, self._par),
            web.get(AUTHORIZE, self._authorize),
            web.post(TOKEN, self._token),
            web.post(REVOKE, self._revoke),
        ]

    def headers(self) -> dict[str, str]:
        return {**self.nonces.header(), "Cache-Control": "no-store"}

    @property
    def live(self) -> list[Grant]:
        """The sessions that would still be honoured."""
        return [grant for grant in self.grants if not grant.ended]

    def grant_of(self, access_token: str) -> Grant | None:
        return next((grant for grant in self.live if access_token in grant.access_tokens[-2:]), None)

    def expire(self) -> None:
        """End every session, as a server does whose user clicked them away."""
        for grant in self.live:
            grant.ended = "expired"

    async def _metadata(self, _request: web.Request) -> web.Response:
        said = {
            "issuer": self.origin,
            "authorization_endpoint": self.origin + AUTHORIZE,
            "token_endpoint": self.origin + TOKEN,
            "pushed_authorization_request_endpoint": self.origin + PAR,
            "revocation_endpoint": self.origin + REVOKE,
            "jwks_uri": self.origin + JWKS,
            "protected_resources": self.pds_origins,
            "scopes_supported": ["atproto", "transition:email", "transition:generic"],
            "subject_types_supported": ["public"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
            "require_pushed_authorization_requests": True,
            "require_request_uri_registration": True,
            "client_id_metadata_document_supported": True,
        }
        return web.json_response(changed(said, self.metadata))

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": []})

    async def _par(self, request: web.Request) -> web.Response:
        asked = await self._client(request)
        form = asked.form
        wanted = {"response_type": "code", "code_challenge_method": "S256"}
        if any(form.get(name) != value for name, value in wanted.items()):
            raise self.complain(400, "invalid_request", "response_type code and code_challenge_method S256 are needed")
        if len(form.get("code_challenge", "")) != 43 or len(form.get("state", "")) < 22:
            raise self.complain(400, "invalid_request", "no code_challenge or a guessable state")
        if not asked.client.allows(form.get("redirect_uri", "")):
            raise self.complain(400, "invalid_request", f"redirect_uri {form.get('redirect_uri')} is not the client's")
        scope = set(form.get("scope", "").split())
        if "atproto" not in scope or not scope <= asked.client.scope:
            raise self.complain(400, "invalid_scope", f"{sorted(scope)} is not within {sorted(asked.client.scope)}")
        request_uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}"
        self._requests[request_uri] = asked
        return web.json_response({"request_uri": request_uri, "expires_in": 300}, status=201)

    async def _authorize(self, request: web.Request) -> web.Response:
        """The page of the server, on which the person agrees at once (or `denies`)."""
        if request.query.keys() != {"client_id", "request_uri"}:
            raise self.complain(400, "invalid_request", f"authorize was asked with {sorted(request.query)}")
        asked = self._requests.pop(request.query["request_uri"], None)
        if asked is None or asked.client_id != request.query["client_id"]:
            raise self.complain(400, "invalid_request", "no such request_uri of this client")
        answer = {"state": asked.form["state"], "iss": self.origin}
        if self.denies:
            answer |= {"error": self.denies, "error_description": f"said <b>{self.denies}</b>"}
        else:
            code = secrets.token_urlsafe(24)
            self._codes[code] = asked, self._person(asked.form.get("login_hint")).did
            answer["code"] = code
        url = f"{asked.form['redirect_uri']}?{urlencode(changed(answer, self.callback))}"
        return web.Response(status=302, headers={"Location": url})

    def _person(self, hint: str | None) -> Person:
        if self.signs_in is not None:
            return self.signs_in
        for person in self.people.values():
            if hint in (person.did, person.handle):
                return person
        return next(iter(self.people.values()))

    async def _token(self, request: web.Request) -> web.Response:
        asked = await self._client(request)
        kind = asked.form.get("grant_type")
        if kind == "authorization_code":
            grant = self._exchanged(asked)
        elif kind == "refresh_token":
            grant = self._refreshed(asked)
        else:
            raise self.complain(400, "unsupported_grant_type", f"grant_type {kind}")
        grant.access_tokens.append(f"access-{secrets.token_urlsafe(24)}")
        grant.refresh_token = f"refresh-{secrets.token_urlsafe(24)}"
        said = {
            "access_token": grant.access_tokens[-1],
            "token_type": "DPoP",
            "refresh_token": grant.refresh_token,
            "scope": grant.scope,
            "expires_in": 3600,
            "sub": grant.sub,
        }
        return web.json_response(changed(said, self.tokens))

    def _exchanged(self, asked: Asked) -> Grant:
        code = asked.form.get("code", "")
        if code in self._used_codes:
            self._used_codes[code].ended = "code replayed"
            raise self.complain(400, "invalid_grant", "the code was used before")
        if code not in self._codes:
            raise RefusedError(400, "invalid_grant", "no such code")
        first, sub = self._codes.pop(code)
        self._used_codes[code] = grant = Grant(sub, first.form["scope"], first)
        if hashed(asked.form.get("code_verifier", "")) != first.form["code_challenge"]:
            raise self.complain(400, "invalid_grant", "the code_verifier is not that of the code_challenge")
        if asked.form.get("redirect_uri") != first.form["redirect_uri"]:
            raise self.complain(400, "invalid_grant", "another redirect_uri than at first")
        self._same(asked, first)
        self.grants.append(grant)
        return grant

    def _refreshed(self, asked: Asked) -> Grant:
        token = asked.form.get("refresh_token", "")
        for grant in self.live:
            if token in grant.spent:
                grant.ended = "replayed"
                raise self.complain(400, "invalid_grant", "Refresh token replayed")
            if token == grant.refresh_token:
                self._same(asked, grant.asked)
                grant.spent.append(token)
                return grant
        raise RefusedError(400, "invalid_grant", "no such refresh token")

    def _same(self, now: Asked, first: Asked) -> None:
        if (now.client_id, now.jkt, now.kid) != (first.client_id, first.jkt, first.kid):
            raise self.complain(400, "invalid_grant", "another client, DPoP key or client key than at first")

    async def _revoke(self, request: web.Request) -> web.Response:
        asked = await self._client(request)
        token = asked.form.get("token", "")
        for grant in self.live:
            if token == grant.refresh_token or token in grant.access_tokens:
                grant.ended = "revoked"
        return web.Response()

    async def _client(self, request: web.Request) -> Asked:
        """Authenticate the client and check its proof, with the challenge for a nonce first."""
        if request.content_type != "application/x-www-form-urlencoded":
            raise self.complain(400, "invalid_request", f"a form was sent as {request.content_type}")
        form = {str(name): str(value) for name, value in (await request.post()).items()}
        try:
            jkt = self._proved(request)
            client_id = form.get("client_id", "")
            client = await client_of(client_id, self.client_origins)
            kid = None
            if client.keys:
                if form.get("client_assertion_type") != JWT_BEARER:
                    raise ProofError("no client_assertion_type")
                kid = check_assertion(
                    form.get("client_assertion", ""),
                    client_id=client_id,
                    audience=self.origin,
                    keys=client.keys,
                    jtis=self._jtis,
                )
        except (ProofError, BadClientError) as error:
            raise self.complain(401, "invalid_client", f"{request.path}: {error}") from None
        return Asked(client_id, form, jkt, kid, client)

    def _proved(self, request: web.Request) -> str:
        if request.path == REVOKE and "DPoP" not in request.headers:
            return ""  # RFC 7009 knows no proof
        jkt, nonce = check_dpop(
            request.headers.get("DPoP"),
            method=request.method,
            url=self.origin + request.path,
            jtis=self._jtis,
            access_token=None,
        )
        if not self.nonces.is_good(nonce):
            raise RefusedError(400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
        return jkt
