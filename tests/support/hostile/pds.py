"""A PDS: which authorization server guards it, app-password sessions, and repositories behind DPoP.

Source: RFC 9728 and 9449; `com.atproto.server` and `com.atproto.repo` as the reference PDS answers them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import libipld
from aiohttp import web

from tests.network.xrpc_calls import cid_of_block, tid
from tests.support.hostile.answers import changed
from tests.support.hostile.peer import Peer, RefusedError
from tests.support.hostile.proofs import Nonces, Once, ProofError, check_dpop

if TYPE_CHECKING:
    from tests.support.hostile.authorization import AuthorizationServer
    from tests.support.hostile.world import Person

RESOURCE = "/.well-known/oauth-protected-resource"
APPLY_WRITES = "/xrpc/com.atproto.repo.applyWrites"


@dataclass
class Pds(Peer):
    """`resource` changes its protected-resource metadata; `records` are those that were written, by AT-URI."""

    authority: AuthorizationServer | None = None
    people: dict[str, Person] = field(default_factory=dict)
    resource: dict[str, Any] = field(default_factory=dict)
    nonces: Nonces = field(default_factory=Nonces)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    app_sessions: dict[str, str] = field(default_factory=dict)
    _revision: int = 1_700_000_000_000_000
    _jtis: Once = field(default_factory=Once)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(RESOURCE, self._resource),
            web.post(APPLY_WRITES, self._apply_writes),
            web.get("/xrpc/com.atproto.repo.getRecord", self._get_record),
            web.get("/xrpc/com.atproto.sync.getLatestCommit", self._latest),
            web.post("/xrpc/com.atproto.server.createSession", self._create_session),
            web.post("/xrpc/com.atproto.server.refreshSession", self._refresh_session),
            web.post("/xrpc/com.atproto.server.deleteSession", self._delete_session),
        ]

    def headers(self) -> dict[str, str]:
        return self.nonces.header()

    async def _resource(self, _request: web.Request) -> web.Response:
        said = {
            "resource": self.origin,
            "authorization_servers": [self.authority.origin] if self.authority else [],
            "scopes_supported": [],
            "bearer_methods_supported": ["header"],
            "resource_documentation": "https://atproto.com",
        }
        return web.json_response(changed(said, self.resource))

    async def _apply_writes(self, request: web.Request) -> web.Response:
        did, scope = self._caller(request)
        body = await request.json()
        if body["repo"] != did:
            raise self.complain(403, "Forbidden", f"{did} writes into {body['repo']}")
        results = []
        for write in body["writes"]:
            action = write["$type"].rpartition("#")[2]
            if not may_write(scope, write["collection"], action):
                raise RefusedError(403, "ScopeMissingError", f"{write['collection']}?action={action} is not granted")
            uri = f"at://{did}/{write['collection']}/{write['rkey']}"
            if action == "delete":
                self.records.pop(uri, None)
                results.append({"$type": f"{write['$type']}Result"})
                continue
            self.records[uri] = write["value"]
            results.append({"$type": f"{write['$type']}Result", "uri": uri, "cid": _cid(write["value"])})
        return web.json_response({"commit": self._commit(), "results": results})

    def _commit(self) -> dict[str, str]:
        self._revision += 1
        return {"rev": tid(self._revision), "cid": _cid({"rev": self._revision})}

    async def _get_record(self, request: web.Request) -> web.Response:
        query = request.query
        uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
        if uri not in self.records:
            raise RefusedError(400, "RecordNotFound", f"Could not locate record: {uri}")
        record = self.records[uri]
        return web.json_response({"uri": uri, "cid": _cid(record), "value": record})

    async def _latest(self, _request: web.Request) -> web.Response:
        return web.json_response({"rev": tid(self._revision), "cid": _cid({"rev": self._revision})})

    def _caller(self, request: web.Request) -> tuple[str, str]:
        """The caller's DID and what was granted; with the challenge for a nonce first."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and token in self.app_sessions:
            return self.app_sessions[token], "transition:generic"
        grant = self.authority.grant_of(token) if self.authority else None
        if kind != "DPoP":
            raise RefusedError(401, "InvalidToken", "no token", {"WWW-Authenticate": "DPoP"})
        try:
            jkt, nonce = check_dpop(
                request.headers.get("DPoP"),
                method=request.method,
                url=self.origin + request.path,
                jtis=self._jtis,
                access_token=token,
            )
            good = self.nonces.is_good(nonce)
        except ProofError as error:
            said = {"WWW-Authenticate": 'DPoP error="invalid_dpop_proof"'}
            raise self.complain(401, "invalid_dpop_proof", f"{request.path}: {error}", said) from None
        if not good:
            said = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
            raise RefusedError(401, "use_dpop_nonce", "Resource server requires nonce in DPoP proof", said)
        if grant is None or grant.asked.jkt != jkt:
            raise RefusedError(
                401, "invalid_token", "no such token", {"WWW-Authenticate": 'DPoP error="invalid_token"'}
            )
        return grant.sub, grant.scope

    async def _create_session(self, request: web.Request) -> web.Response:
        body = await request.json()
        for person in self.people.values():
            if body.get("identifier") in (person.did, person.handle) and body.get("password") == person.password:
                return web.json_response(self._app_session(person.did))
        raise RefusedError(401, "AuthenticationRequired", "Invalid identifier or password")

    async def _refresh_session(self, request: web.Request) -> web.Response:
        return web.json_response(self._app_session(self._bearer(request)))

    async def _delete_session(self, request: web.Request) -> web.Response:
        self._bearer(request)
        return web.Response()

    def _bearer(self, request: web.Request) -> str:
        did = self.app_sessions.pop(request.headers.get("Authorization", "").removeprefix("Bearer "), None)
        if did is None:
            raise RefusedError(401, "ExpiredToken", "Token has expired")
        return did

    def _app_session(self, did: str) -> dict[str, str]:
        access, refresh = (f"app-{secrets.token_urlsafe(24)}" for _ in range(2))
        self.app_sessions |= {access: did, refresh: did}
        return {"did": did, "handle": self.people[did].handle, "accessJwt": access, "refreshJwt": refresh}


def may_write(scope: str, collection: str, action: str) -> bool:
    """Whether a granted scope lets a client write there. Source: the permission syntax of atproto."""
    for granted in scope.split():
        name, _, query = granted.partition("?")
        params = parse_qs(query)
        kind, _, positional = name.partition(":")
        if granted == "transition:generic":
            return True
        if kind != "repo":
            continue
        collections = [positional] if positional else params.get("collection", [])
        if (collection in collections or "*" in collections) and action in params.get("action", [action]):
            return True
    return False


def _cid(record: dict[str, Any]) -> str:
    return cid_of_block(libipld.encode_dag_cbor(record))
