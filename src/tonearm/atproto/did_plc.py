"""did:plc identities: the signed operations that make and change them. Offline; a directory only stores them.

An operation says which keys may change the identity (`rotationKeys`), which key signs its repository, what it is also
called, and where it lives. The first, the genesis operation, has no predecessor, and the DID is the hash of its signed
bytes: `did:plc:` and 24 characters. Whoever has a rotation key has the identity; so a DID is minted here without
asking anybody, and submitted to a directory later, byte for byte.

    {"type": "plc_operation", "rotationKeys": ["did:key:z..."], "verificationMethods": {"atproto": "did:key:z..."},
     "alsoKnownAs": ["at://alice.test"], "services": {"atproto_pds": {"type": "AtprotoPersonalDataServer",
     "endpoint": "https://pds.test"}}, "prev": null, "sig": "base64url"}

Source: https://web.plc.directory/spec/v0.1/did-plc.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from binascii import a2b_base64
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tonearm.atproto.cid import CidError, cid_text_of_dag_cbor, parse_cid
from tonearm.atproto.dag_cbor import DagCborError, encode
from tonearm.atproto.did_key import DID_KEY_PREFIX, DidKeyError, VerifyKey
from tonearm.atproto.formats import is_handle
from tonearm.atproto.multibase import MultibaseError, base32_lower, from_base58btc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.atproto.did_key import SigningKey

Operation = dict[str, Any]

OPERATION_LIMIT_BYTES = 7500  # of DAG-CBOR, the directory's limit
ROTATION_KEY_LIMIT = 5
PDS_SERVICE_TYPE = "AtprotoPersonalDataServer"

_ID_LENGTH = 24
_KEYS = {"type", "rotationKeys", "verificationMethods", "alsoKnownAs", "services", "prev"}
_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
_CONTEXT_OF_KEY = {
    "zQ3s": "https://w3id.org/security/suites/secp256k1-2019/v1",
    "zDna": "https://w3id.org/security/suites/ecdsa-2019/v1",
}


class PlcError(ValueError):
    """The operation is malformed, too large or not signed by a key that may. The caller refuses it."""


def unsigned_operation(
    *, rotation_keys: Sequence[str], signing_key: str, handle: str, pds_endpoint: str, prev: str | None = None
) -> Operation:
    """Return an operation to sign.

    Args:
        rotation_keys: 1 to 5 did:keys that may change the identity later, the most powerful first.
        signing_key: the did:key of the repository.
        handle: without `at://`.
        pds_endpoint: the origin of the PDS, such as `https://pds.test`, without a final slash.
        prev: the `operation_cid` of the operation before; None for a genesis operation.

    Raises:
        PlcError: `handle` is none; what an operation says of an identity stays public for ever.
    """
    if not is_handle(handle):
        raise PlcError("an identity's handle must be a domain name")
    return {
        "type": "plc_operation",
        "rotationKeys": list(rotation_keys),
        "verificationMethods": {"atproto": signing_key},
        "alsoKnownAs": [f"at://{handle}"],
        "services": {"atproto_pds": {"type": PDS_SERVICE_TYPE, "endpoint": pds_endpoint}},
        "prev": prev,
    }


def sign_operation(operation: Operation, rotation_key: SigningKey) -> Operation:
    """Return the operation with its signature.

    Raises:
        PlcError: a genesis operation, and the key is none of its rotation keys; malformed or too large.
    """
    if operation.get("prev") is None and rotation_key.did_key() not in operation.get("rotationKeys", ()):
        raise PlcError("a genesis operation must be signed by one of its own rotation keys")
    signature = urlsafe_b64encode(rotation_key.sign(_unsigned_bytes(operation))).rstrip(b"=").decode()
    return {**operation, "sig": signature}


def sign_tombstone(prev: str, rotation_key: SigningKey) -> Operation:
    """Return the signed operation that ends an identity; `prev` is the `operation_cid` of the last one.

    For three days whoever holds a more powerful rotation key can undo it at the directory.
    """
    tombstone = {"type": "plc_tombstone", "prev": prev}
    signature = urlsafe_b64encode(rotation_key.sign(_encoded(tombstone))).rstrip(b"=").decode()
    return {**tombstone, "sig": signature}


def mint(*, rotation_key: SigningKey, signing_key: str, handle: str, pds_endpoint: str) -> tuple[str, Operation]:
    """Make an identity: its DID and the signed genesis operation, to be kept until a directory takes it."""
    operation = sign_operation(
        unsigned_operation(
            rotation_keys=[rotation_key.did_key()], signing_key=signing_key, handle=handle, pds_endpoint=pds_endpoint
        ),
        rotation_key,
    )
    return did_of(operation), operation


def did_of(operation: Operation) -> str:
    """Return the DID that a signed genesis operation makes.

    Raises:
        PlcError: it has a predecessor or no signature.
    """
    if operation.get("prev") is not None:
        raise PlcError("only a genesis operation makes a DID")
    return f"did:plc:{base32_lower(sha256(_signed_bytes(operation)).digest())[:_ID_LENGTH]}"


def operation_cid(operation: Operation) -> str:
    """Return the CID of a signed operation, which the next one names as its `prev`."""
    return cid_text_of_dag_cbor(_signed_bytes(operation))


def verify_op(operation: Operation, rotation_keys: Sequence[str] | None = None) -> str:
    """Confirm that a signed operation is well-formed and signed by a key that may; return that did:key.

    Args:
        operation: with its `sig`.
        rotation_keys: those of the operation before; None for a genesis operation, whose own count.

    Raises:
        PlcError: malformed, too large, or signed by none of the keys.
    """
    if (operation.get("prev") is None) != (rotation_keys is None):
        raise PlcError("a genesis operation has no keys before it, any other has")
    message, signature = _unsigned_bytes(operation), _signature_of(operation)
    for name in operation["rotationKeys"] if rotation_keys is None else rotation_keys:
        if _key(name).verify(message, signature):
            return name
    raise PlcError("signed by none of the rotation keys")


def did_document(operation: Operation, did: str | None = None) -> dict[str, Any]:
    """Return the DID document that a resolver shows after `operation`.

    Args:
        operation: the last one of the identity.
        did: the identity; None derives it from a genesis operation.
    """
    did = did_of(operation) if did is None else did
    keys = {name: key.removeprefix(DID_KEY_PREFIX) for name, key in operation["verificationMethods"].items()}
    suites = sorted({_CONTEXT_OF_KEY[key[:4]] for key in keys.values() if key[:4] in _CONTEXT_OF_KEY})
    return {
        "@context": [*_CONTEXT, *suites],
        "id": did,
        "alsoKnownAs": list(operation["alsoKnownAs"]),
        "verificationMethod": [
            {"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
            for name, key in keys.items()
        ],
        "service": [
            {"id": f"#{name}", "type": service["type"], "serviceEndpoint": service["endpoint"]}
            for name, service in operation["services"].items()
        ],
    }


def _signature_of(operation: Operation) -> bytes:
    text = operation.get("sig")
    if type(text) is not str or "=" in text:
        raise PlcError("an operation's signature must be unpadded base64url")
    try:
        signature = a2b_base64(text.translate(_TO_BASE64) + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        raise PlcError("an operation's signature must be unpadded base64url") from None
    if urlsafe_b64encode(signature).rstrip(b"=").decode() != text:
        raise PlcError("an operation's signature must be canonical base64url")
    return signature


_TO_BASE64 = str.maketrans("-_+/", "+/\0\0")


def _unsigned_bytes(operation: Operation) -> bytes:
    unsigned = {key: value for key, value in operation.items() if key != "sig"}
    _check_shape(unsigned)
    return _encoded(unsigned)


def _signed_bytes(operation: Operation) -> bytes:
    if "sig" not in operation:
        raise PlcError("the operation is not signed")
    return _encoded(operation)


def _encoded(operation: Operation) -> bytes:
    try:
        encoded = encode(operation)
    except DagCborError as error:
        raise PlcError(f"the operation is outside the data model: {error}") from None
    if len(encoded) > OPERATION_LIMIT_BYTES:
        raise PlcError(f"the operation is larger than {OPERATION_LIMIT_BYTES} bytes")
    return encoded


def _check_shape(operation: Operation) -> None:
    if operation.keys() != _KEYS or operation["type"] != "plc_operation":
        raise PlcError("an operation must have type plc_operation and exactly the keys of one")
    keys = operation["rotationKeys"]
    if not _is_text_list(keys) or not 1 <= len(keys) <= ROTATION_KEY_LIMIT:
        raise PlcError(f"an operation must have 1 to {ROTATION_KEY_LIMIT} different rotation keys")
    for name in keys:
        _key(name)
    methods, services = operation["verificationMethods"], operation["services"]
    if not isinstance(methods, dict) or not all(map(_is_did_key, methods.values())):
        raise PlcError("an operation's verification methods must be did:keys")
    if not isinstance(services, dict) or not all(map(_is_service, services.values())):
        raise PlcError("an operation's services must have a type and an endpoint each")
    if not _is_text_list(operation["alsoKnownAs"]):
        raise PlcError("an operation's names must be different texts")
    try:
        if operation["prev"] is not None:
            parse_cid(str(operation["prev"]))
    except CidError as error:
        raise PlcError(f"an operation's prev must be a CID or null: {error}") from None


def _key(name: str) -> VerifyKey:
    try:
        return VerifyKey.from_did_key(name)
    except DidKeyError as error:
        raise PlcError(f"a rotation key must be a did:key of K-256 or P-256: {error}") from None


def _is_did_key(name: object) -> bool:
    """Whether it is a did:key of any kind of key; only rotation keys are limited to two curves."""
    if type(name) is not str or not name.startswith(DID_KEY_PREFIX):
        return False
    try:
        return bool(from_base58btc(name.removeprefix(DID_KEY_PREFIX)))
    except MultibaseError:
        return False


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(type(text) is str for text in value) and len(set(value)) == len(value)


def _is_service(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"type", "endpoint"}
        and all(type(text) is str for text in value.values())
    )
