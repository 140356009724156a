"""did:plc operations: made, signed, named and verified offline."""

from __future__ import annotations

import base64
import hashlib
import json

import cbor2
import pytest
from atproto_crypto.verify import verify_signature

from tonearm.atproto import did_plc
from tonearm.atproto.did_key import SigningKey
from tonearm.atproto.did_plc import PlcError
from tonearm.atproto.formats import is_did

ROTATION = SigningKey.from_bytes("k256", b"\1" * 32)
OTHER_ROTATION = SigningKey.from_bytes("p256", b"\2" * 32)
SIGNING = SigningKey.from_bytes("k256", b"\3" * 32)
ENDPOINT = "https://pds.example"


def unsigned(**changes):
    operation = did_plc.unsigned_operation(
        rotation_keys=[ROTATION.did_key(), OTHER_ROTATION.did_key()],
        signing_key=SIGNING.did_key(),
        handle="alice.example",
        pds_endpoint=ENDPOINT,
    )
    return {**operation, **changes}


def test_a_genesis_operation_has_this_shape():
    assert unsigned() == {
        "type": "plc_operation",
        "rotationKeys": [ROTATION.did_key(), OTHER_ROTATION.did_key()],
        "verificationMethods": {"atproto": SIGNING.did_key()},
        "alsoKnownAs": ["at://alice.example"],
        "services": {"atproto_pds": {"type": "AtprotoPersonalDataServer", "endpoint": ENDPOINT}},
        "prev": None,
    }


def test_a_minted_identity_is_the_hash_of_its_signed_operation():
    did, operation = did_plc.mint(
        rotation_key=ROTATION, signing_key=SIGNING.did_key(), handle="alice.example", pds_endpoint=ENDPOINT
    )
    digest = hashlib.sha256(cbor2.dumps(operation, canonical=True)).digest()
    assert did == "did:plc:" + base64.b32encode(digest).decode().lower()[:24]
    assert is_did(did)
    assert len(did) == 32
    assert did_plc.did_of(operation) == did
    assert did_plc.verify_op(operation) == ROTATION.did_key()


def test_the_same_keys_and_names_make_the_same_identity():
    # K-256 signatures are deterministic here, so a lost answer of a directory can be tried again.
    dids = {
        did_plc.mint(
            rotation_key=ROTATION, signing_key=SIGNING.did_key(), handle="alice.example", pds_endpoint=ENDPOINT
        )[0]
        for _ in range(3)
    }
    assert dids == {"did:plc:sew7dep7wkeftfn2m2ieeout"}


@pytest.mark.parametrize("key", [ROTATION, OTHER_ROTATION], ids=["k256", "p256"])
def test_the_signature_covers_the_operation_without_it(key):
    operation = did_plc.sign_operation(unsigned(), key)
    message = cbor2.dumps(unsigned(), canonical=True)
    signature = base64.urlsafe_b64decode(operation["sig"] + "==")
    assert verify_signature(key.did_key(), message, signature)
    assert did_plc.verify_op(operation) == key.did_key()
    assert "=" not in operation["sig"]
    assert json.loads(json.dumps(operation)) == operation


def test_an_update_names_the_operation_before_and_is_signed_by_one_of_its_keys():
    genesis = did_plc.sign_operation(unsigned(), ROTATION)
    update = did_plc.sign_operation(
        did_plc.unsigned_operation(
            rotation_keys=[ROTATION.did_key()],
            signing_key=SIGNING.did_key(),
            handle="alice.example",
            pds_endpoint="https://moved.example",
            prev=did_plc.operation_cid(genesis),
        ),
        OTHER_ROTATION,
    )
    assert update["prev"].startswith("bafyrei")
    assert did_plc.verify_op(update, genesis["rotationKeys"]) == OTHER_ROTATION.did_key()
    with pytest.raises(PlcError, match="none of the rotation keys"):
        did_plc.verify_op(update, [ROTATION.did_key()])
    with pytest.raises(PlcError, match="keys before it"):
        did_plc.verify_op(update)
    with pytest.raises(PlcError, match="keys before it"):
        did_plc.verify_op(genesis, genesis["rotationKeys"])
    with pytest.raises(PlcError, match="only a genesis operation"):
        did_plc.did_of(update)


def test_the_document_is_what_a_resolver_shows():
    did, operation = did_plc.mint(
        rotation_key=ROTATION, signing_key=SIGNING.did_key(), handle="alice.example", pds_endpoint=ENDPOINT
    )
    document = did_plc.did_document(operation)
    assert document == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/suites/secp256k1-2019/v1",
        ],
        "id": did,
        "alsoKnownAs": ["at://alice.example"],
        "verificationMethod": [
            {
                "id": f"{did}#atproto",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": SIGNING.public_multibase(),
            }
        ],
        "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": ENDPOINT}],
    }
    assert ROTATION.did_key() not in json.dumps(document)
    assert did_plc.did_document(unsigned(), did)["id"] == did


def test_the_document_of_a_p256_key_names_its_suite():
    operation = unsigned(verificationMethods={"atproto": OTHER_ROTATION.did_key()})
    assert "https://w3id.org/security/suites/ecdsa-2019/v1" in did_plc.did_document(operation, "did:plc:x")["@context"]


def test_a_changed_operation_does_not_verify():
    operation = did_plc.sign_operation(unsigned(), ROTATION)
    for changes in (
        {"alsoKnownAs": ["at://mallory.example"]},
        {"services": {"atproto_pds": {"type": "AtprotoPersonalDataServer", "endpoint": "https://mallory.example"}}},
        {"verificationMethods": {"atproto": OTHER_ROTATION.did_key()}},
        {"rotationKeys": [ROTATION.did_key()]},
    ):
        with pytest.raises(PlcError, match="none of the rotation keys"):
            did_plc.verify_op({**operation, **changes})


def test_a_genesis_operation_needs_a_signature_of_its_own_key():
    with pytest.raises(PlcError, match="one of its own rotation keys"):
        did_plc.sign_operation(unsigned(), SIGNING)
    with pytest.raises(PlcError, match="not signed"):
        did_plc.did_of(unsigned())


@pytest.mark.parametrize("handle", ["", "alice", "at://alice.example", "alice.example/", "alice example.com"])
def test_a_handle_must_be_one(handle):
    with pytest.raises(PlcError, match="handle"):
        did_plc.unsigned_operation(
            rotation_keys=[ROTATION.did_key()], signing_key=SIGNING.did_key(), handle=handle, pds_endpoint=ENDPOINT
        )


SERVICE = {"type": "AtprotoPersonalDataServer", "endpoint": ENDPOINT}

MALFORMED = {
    "another type": {"type": "plc_tombstone"},
    "no rotation keys": {"rotationKeys": []},
    "six rotation keys": {
        "rotationKeys": [SigningKey.from_bytes("k256", bytes([n]) * 32).did_key() for n in range(1, 7)]
    },
    "a repeated rotation key": {"rotationKeys": [ROTATION.did_key()] * 2},
    "a rotation key that is none": {"rotationKeys": [ROTATION.did_key(), "did:key:zabc"]},
    "rotation keys that are text": {"rotationKeys": ROTATION.did_key()},
    "a numeric rotation key": {"rotationKeys": [ROTATION.did_key(), 1]},
    "a verification method that is none": {"verificationMethods": {"atproto": "key"}},
    "a verification method that is no base58": {"verificationMethods": {"atproto": "did:key:z0"}},
    "a numeric verification method": {"verificationMethods": {"atproto": 1}},
    "verification methods that are a list": {"verificationMethods": [SIGNING.did_key()]},
    "a service without an endpoint": {"services": {"atproto_pds": {"type": "x"}}},
    "a service with more": {"services": {"atproto_pds": {**SERVICE, "x": "y"}}},
    "a service that is text": {"services": {"atproto_pds": ENDPOINT}},
    "a numeric endpoint": {"services": {"atproto_pds": {**SERVICE, "endpoint": 1}}},
    "services that are a list": {"services": [SERVICE]},
    "a repeated name": {"alsoKnownAs": ["at://a.example", "at://a.example"]},
    "a numeric name": {"alsoKnownAs": [1]},
    "names that are text": {"alsoKnownAs": "at://a.example"},
    "a prev that is no CID": {"prev": "bafy"},
    "a numeric prev": {"prev": 1},
    "an unknown field": {"x": 1},
    "a float": {"services": {"atproto_pds": {"type": "x", "endpoint": 1.5}}},
    "too many bytes": {"alsoKnownAs": ["at://" + "a" * 7500]},
    "a lone surrogate": {"alsoKnownAs": ["\ud800"]},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_operation_is_neither_signed_nor_verified(changes):
    with pytest.raises(PlcError):
        did_plc.sign_operation(unsigned(**changes), ROTATION)
    signed = {**did_plc.sign_operation(unsigned(), ROTATION), **changes}
    with pytest.raises(PlcError):
        did_plc.verify_op(signed, [ROTATION.did_key()] if signed["prev"] is not None else None)


@pytest.mark.parametrize("missing", ["type", "rotationKeys", "verificationMethods", "alsoKnownAs", "services", "prev"])
def test_an_operation_with_a_missing_field_is_malformed(missing):
    operation = did_plc.sign_operation(unsigned(), ROTATION)
    del operation[missing]
    with pytest.raises(PlcError):
        did_plc.verify_op(operation)


def test_a_signature_has_one_text():
    operation = did_plc.sign_operation(unsigned(), ROTATION)
    text = operation["sig"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(text[-1])
    twin = text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last + 1]
    standard = base64.b64encode(base64.urlsafe_b64decode(text + "==")).decode().rstrip("=")
    others = [text + "==", text + "=", twin, text + "\n", " " + text, text[:-1], "", None, 1, b"x", "\xe9", "!" * 86]
    if standard != text:
        others.append(standard)
    for other in others:
        with pytest.raises(PlcError):
            did_plc.verify_op({**operation, "sig": other})
