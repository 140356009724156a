"""Other servers as a table of answers, and the requests that were made of them. Nothing goes over a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from multidict import CIMultiDict

from tonearm.outbound import OutboundAnswer, OutboundClient, OutboundError

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER = "https://auth.example"
PDS = "https://pds.example"
SERVER_DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "pushed_authorization_request_endpoint": f"{ISSUER}/par",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "require_pushed_authorization_requests": True,
    "client_id_metadata_document_supported": True,
    "authorization_response_iss_parameter_supported": True,
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
    "dpop_signing_alg_values_supported": ["ES256"],
    "scopes_supported": ["atproto", "transition:generic"],
    "protected_resources": [PDS],
}
RESOURCE_DOCUMENT = {"resource": PDS, "authorization_servers": [ISSUER]}


@dataclass
class Asked:
    method: str
    url: str
    headers: Mapping[str, str]
    form: dict[str, str]


@dataclass
class FakeOutbound:
    """`answers` has for each URL what comes, one after the other; the last one stays. An exception is raised."""

    answers: dict[str, list[Any]]
    asked: list[Asked] = field(default_factory=list)

    @property
    def client(self) -> OutboundClient:
        return cast("OutboundClient", self)

    async def fetch(self, method: str, url: str, **more: Any) -> OutboundAnswer:
        assert more.get("redirects", 0) == 0
        self.asked.append(Asked(method, url, more["headers"], dict(parse_qsl((more.get("body") or b"").decode()))))
        given = self.answers.get(url, [answer(status=404)])
        given = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(given, OutboundError):
            raise given
        return given


def answer(
    body: Any = None, *, status: int = 200, media_type: str = "application/json", **headers: str
) -> OutboundAnswer:
    given = CIMultiDict(
        {"Content-Type": media_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    )
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return OutboundAnswer(status, given, raw, "https://somewhere.example/")
