"""What strangers may call themselves here, and which addresses their pictures have."""

from __future__ import annotations

from typing import Any

import pytest

from tonearm.services.profiles import NAME_BYTES, avatar_url_of, display_name_of

CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
PDS = "https://pds.example.com"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kate Bush", "Kate Bush"),
        ("  Kate \t\n Bush ", "Kate Bush"),
        ("a\u202eb\u2066c\u0000d\x1be", "a b c d e"),
        ("\u200b\u202e\u2069", None),
        ("\u200d", None),
        ("", None),
        (FAMILY, FAMILY),
        ("x" * 65, "x" * 64),
        (FAMILY * 70, FAMILY * 35),
        ("e" + "\u0301" * 5000, None),
        ("y" * 10_000_000, "y" * 64),
        (None, None),
        (1, None),
        (["a"], None),
        ({"a": 1}, None),
    ],
)
def test_a_display_name_is_cleaned_and_cut_between_characters(name: Any, shown: str | None):
    found = display_name_of({"displayName": name})
    assert found == shown
    assert found is None or len(found.encode()) <= NAME_BYTES


def avatar(**changes: Any) -> dict[str, Any]:
    return {"avatar": {"$type": "blob", "ref": {"$link": CID}, "mimeType": "image/png", "size": 5, **changes}}


def test_of_a_picture_only_the_cid_is_taken():
    found = avatar_url_of(avatar(url="https://evil.example/x.png"), DID, PDS)
    assert found == f"{PDS}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3A{DID.rpartition(':')[2]}&cid={CID}"


@pytest.mark.parametrize(
    "record",
    [
        None,
        {},
        {"avatar": None},
        {"avatar": "https://evil.example/x.png"},
        {"avatar": [CID]},
        avatar(ref=CID),
        avatar(ref={"$link": 5}),
        avatar(ref={"$link": "../../evil"}),
        avatar(ref={"$link": f"{CID}&cid=other"}),
        avatar(ref={"$link": f"{CID}\n"}),
        avatar(mimeType="text/html"),
        avatar(mimeType=None),
    ],
)
def test_what_is_no_picture_has_no_address(record: Any):
    assert avatar_url_of(record, DID, PDS) is None


def test_without_a_pds_there_is_no_picture():
    assert avatar_url_of(avatar(), DID, None) is None
