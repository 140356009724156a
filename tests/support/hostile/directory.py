"""Who is who: a PLC directory, the host of did:web identities, and a resolver of handles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.support.hostile.peer import Peer, RefusedError


@dataclass
class Directory(Peer):
    """`documents` are DID documents by DID, `handles` DIDs by handle; a test changes both as it likes."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)

    @property
    def web_did(self) -> str:
        """The did:web of this host."""
        return f"did:web:localhost%3A{self.origin.rpartition(':')[2]}"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/did.json", self._web_document),
            web.get("/xrpc/com.atproto.identity.resolveHandle", self._handle),
            web.get("/{did:did:plc:[a-z2-7]+}", self._document),
        ]

    def say(self, did: str, *, handle: str, pds_url: str, key: str) -> None:
        """State an identity as its owner would."""
        self.handles[handle] = did
        self.documents[did] = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "alsoKnownAs": [f"at://{handle}"],
            "verificationMethod": [
                {"id": f"{did}#atproto", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
            ],
            "service": [],
        }
        self.move(did, pds_url)

    def move(self, did: str, pds_url: str) -> None:
        """Name another PDS in the DID document."""
        self.documents[did]["service"] = [
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds_url}
        ]

    @staticmethod
    def path_of(did: str) -> str:
        return "/.well-known/did.json" if did.startswith("did:web:") else f"/{quote(did, safe=':')}"

    async def _document(self, request: web.Request) -> web.Response:
        return self._said(request.match_info["did"])

    async def _web_document(self, _request: web.Request) -> web.Response:
        return self._said(self.web_did)

    def _said(self, did: str) -> web.Response:
        if did not in self.documents:
            raise RefusedError(404, "NotFound", f"DID not registered: {did}")
        return web.json_response(self.documents[did])

    async def _handle(self, request: web.Request) -> web.Response:
        did = self.handles.get(request.query.get("handle", ""))
        if did is None:
            raise RefusedError(400, "InvalidRequest", "Unable to resolve handle")
        return web.json_response({"did": did})
