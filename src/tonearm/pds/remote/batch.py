"""Batches of writes, as the body of an applyWrites request, and what its answer says.

Sent:

    {"repo": "did:plc:x", "validate": false, "writes": [
        {"$type": "com.atproto.repo.applyWrites#create", "collection": "...", "rkey": "3l...", "value": {...}}]}

Answered:

    {"commit": {"cid": "bafyrei...", "rev": "3l..."}, "results": [{"uri": "at://...", "cid": "bafyrei..."}]}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tonearm.atproto.dag_cbor import DagCborError, decode
from tonearm.atproto.formats import is_cid, is_tid
from tonearm.atproto.json_data import JsonError, to_json
from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsRefusedError
from tonearm.pds.writer import WRITES_LIMIT, CommitResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tonearm.pds.remote.transport import Answer
    from tonearm.pds.writer import RepoWrite


def apply_writes_body(did: str, writes: Sequence[RepoWrite]) -> bytes:
    """Encode a batch. The PDS does not know the lexicons: records were validated when they were made.

    Raises:
        ValueError: no writes, or too many.
        PdsRefusedError: a record is not one that JSON can carry.
    """
    if not 0 < len(writes) <= WRITES_LIMIT:
        raise ValueError(f"a batch has 1 to {WRITES_LIMIT} writes, not {len(writes)}")
    body = {"repo": did, "validate": False, "writes": [_item(write) for write in writes]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def commit_of(answer: Answer) -> CommitResult | None:
    """Read the commit of a batch that was stored; None when the answer does not say so."""
    commit = answer.body.get("commit") if answer.status == 200 and answer.body else None
    if not isinstance(commit, dict):
        return None
    rev, cid = commit.get("rev"), commit.get("cid")
    if isinstance(rev, str) and isinstance(cid, str) and is_tid(rev) and is_cid(cid):
        return CommitResult(rev, cid)
    return None


def differing(writes: Sequence[RepoWrite], answer: Answer) -> Iterator[RepoWrite]:
    """Yield the writes that the PDS stored as other bytes than ours."""
    results = answer.body.get("results") if answer.body else None
    if not isinstance(results, list):
        return
    for write, result in zip(writes, results, strict=False):
        cid = result.get("cid") if isinstance(result, dict) else None
        if write.cid and isinstance(cid, str) and cid != write.cid:
            yield write


def _item(write: RepoWrite) -> dict[str, Any]:
    item: dict[str, Any] = {
        "$type": f"{nsids.COM_ATPROTO_REPO_APPLY_WRITES}#{write.action}",
        "collection": write.collection,
        "rkey": write.rkey,
    }
    if write.action != "delete":
        try:
            item["value"] = to_json(decode(write.record))
        except (DagCborError, JsonError) as error:
            raise PdsRefusedError("InvalidRecord", f"{write.collection}/{write.rkey}: {error}") from None
    return item
