"""The frames of `com.atproto.sync.subscribeRepos`, encoded once, without their sequence number.

A sequence number is only known inside the transaction that stores the event. The body is therefore encoded in two
pieces around it, so that the transaction does no more than allot the number, and a reader joins the three.

Source: the lexicon com.atproto.sync.subscribeRepos, reference/atproto.md section 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.atproto.cid import Cid
from tonearm.atproto.dag_cbor import encode
from tonearm.atproto.tid import tid_text
from tonearm.pds.builtin.repository.rows import Done, Event, Head

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEQ = encode("seq")


def commit_event(before: Head | None, head: Head, changed: Sequence[Done], blocks: bytes, time: str) -> Event:
    """Return the #commit of a batch, or of a new repository (`before` None, nothing changed)."""
    body: dict[str, Any] = {
        "repo": head.did,
        "rev": tid_text(head.rev),
        "since": None if before is None else tid_text(before.rev),
        "time": time,
        "commit": Cid(head.commit_cid),
        "ops": [_op(item) for item in changed],
        "blocks": blocks,
        "blobs": [],
        "rebase": False,
        "tooBig": False,
    }
    if before is not None:
        body["prevData"] = Cid(before.root_cid)
    return _cut("#commit", body)


def sync_event(head: Head, blocks: bytes, time: str) -> Event:
    """Return the #sync that states a repository's head; `blocks` is a CAR of the commit alone."""
    return _cut("#sync", {"did": head.did, "rev": tid_text(head.rev), "blocks": blocks, "time": time})


def identity_event(did: str, handle: str, time: str) -> Event:
    """Return the #identity that says: resolve this DID again."""
    return _cut("#identity", {"did": did, "handle": handle, "time": time})


def account_event(did: str, status: str, time: str) -> Event:
    """Return the #account with the hosting status; any but `active` is named."""
    body: dict[str, Any] = {"did": did, "active": status == "active", "time": time}
    if status != "active":
        body["status"] = status
    return _cut("#account", body)


def frame_of(before_seq: bytes, seq: int, after_seq: bytes) -> bytes:
    """Return the complete binary message."""
    return before_seq + encode(seq) + after_seq


def info_frame(name: str, message: str) -> bytes:
    """Return an #info, which has no sequence number."""
    return encode({"op": 1, "t": "#info"}) + encode({"name": name, "message": message})


def _op(item: Done) -> dict[str, Any]:
    removed = item.action == "delete"
    op: dict[str, Any] = {"action": item.action, "path": item.edit.path, "cid": None if removed else Cid(item.edit.cid)}
    if item.previous is not None:
        op["prev"] = Cid(item.previous)
    return op


def _cut(kind: str, body: dict[str, Any]) -> Event:
    """Encode header and body, cut where the value of `seq` goes. Keys stand in canonical order: length, then bytes."""
    keys = sorted([*body, "seq"], key=lambda key: (len(key), key))
    at = keys.index("seq")
    before = b"".join(encode(key) + encode(body[key]) for key in keys[:at])
    after = b"".join(encode(key) + encode(body[key]) for key in keys[at + 1 :])
    header = encode({"op": 1, "t": kind}) + bytes((0xA0 | len(keys),))
    return Event(header + before + _SEQ, after)
