"""DID documents, as far as the network gives them a meaning.

    {"id": "did:plc:x", "alsoKnownAs": ["at://alice.test"],
     "verificationMethod": [{"id": "did:plc:x#atproto", "type": "Multikey", "publicKeyMultibase": "z..."}],
     "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://pds.test"}]}

Source: https://atproto.com/specs/did ("DID Documents").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tonearm.atproto.did_key import DidKeyError, VerifyKey
from tonearm.atproto.did_plc import PDS_SERVICE_TYPE
from tonearm.atproto.formats import is_handle
from tonearm.atproto.multibase import MultibaseError, from_base58btc
from tonearm.identity.resolution.errors import BadDidDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tonearm.atproto.did_key import Curve

LISTED = 100
"""Entries of a list that are looked at; nobody has more."""
LONGEST_URL = 300
LONGEST_KEY = 200

_ORIGIN = re.compile(
    r"(https?)://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?", re.IGNORECASE | re.ASCII
).fullmatch
_OLD_KINDS: dict[str, Curve] = {
    "EcdsaSecp256k1VerificationKey2019": "k256",
    "EcdsaSecp256r1VerificationKey2019": "p256",
}
"""What a method was called before there was Multikey; directories still serve it. Its key has no code of its curve."""
_USUAL_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class DidDocument:
    """What a DID says of itself. Nothing of it is verified but that the document is the DID's.

    Attributes:
        did: whose it is.
        handle: the first that it claims, in lower case.
        pds_url: scheme and authority of its PDS, without a final slash.
        signing_key: the did:key of its repository, of one of the two curves.
        size_bytes: of the document as it came.
        raw: the document as it came.
    """

    did: str
    handle: str | None
    pds_url: str | None
    signing_key: str | None
    size_bytes: int
    raw: Mapping[str, Any] = field(repr=False)


def read_document(did: str, raw: object, size_bytes: int) -> DidDocument:
    """Read the document of `did`. What it lacks, or has in a form that is not understood, is None.

    Raises:
        BadDidDocumentError: it is no object, or another DID's.
    """
    if not isinstance(raw, dict) or raw.get("id") != did:
        raise BadDidDocumentError(f"what was found as the DID document of {did} is not its document")
    return DidDocument(did, _handle_of(raw), _pds_of(did, raw), _key_of(did, raw), size_bytes, raw)


def _handle_of(raw: dict[str, Any]) -> str | None:
    names = raw.get("alsoKnownAs")
    for name in names[:LISTED] if isinstance(names, list) else ():
        if isinstance(name, str) and name.startswith("at://"):
            handle = name.removeprefix("at://")
            return handle.lower() if is_handle(handle) else None
    return None


def _pds_of(did: str, raw: dict[str, Any]) -> str | None:
    for service in _entries(raw, "service", did, "#atproto_pds"):
        if service.get("type") == PDS_SERVICE_TYPE:
            return _origin(service.get("serviceEndpoint"))
    return None


def _origin(url: object) -> str | None:
    match = _ORIGIN(url) if isinstance(url, str) and len(url) <= LONGEST_URL else None
    if match is None:
        return None
    scheme, host, port = match[1].lower(), match[2].lower(), int(match[3] or 0)
    if match[3] is not None and not 0 < port < 65_536:
        return None
    return f"{scheme}://{host}{'' if port in (0, _USUAL_PORT[scheme]) else f':{port}'}"


def _key_of(did: str, raw: dict[str, Any]) -> str | None:
    for method in _entries(raw, "verificationMethod", did, "#atproto"):
        text, kind = method.get("publicKeyMultibase"), method.get("type")
        if not isinstance(text, str) or not isinstance(kind, str) or len(text) > LONGEST_KEY:
            return None
        try:
            if kind == "Multikey":
                return VerifyKey.from_multibase(text).did_key()
            curve = _OLD_KINDS.get(kind)
            return None if curve is None else VerifyKey(curve, _compressed(from_base58btc(text))).did_key()
        except (DidKeyError, MultibaseError):
            return None
    return None


def _compressed(point: bytes) -> bytes:
    """The point as a did:key has it; old documents have both coordinates."""
    if len(point) == 65 and point[0] == 4:
        return bytes([2 + point[64] % 2]) + point[1:33]
    return point


def _entries(raw: dict[str, Any], part: str, did: str, name: str) -> Iterator[dict[str, Any]]:
    entries = raw.get(part)
    for entry in entries[:LISTED] if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("id") in (name, did + name):
            yield entry
