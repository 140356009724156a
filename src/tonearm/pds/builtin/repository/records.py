"""Records: checking what is to be written, and reading what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tonearm.atproto.cid import Cid, CidError, cid_of_dag_cbor, cid_text, parse_cid
from tonearm.atproto.dag_cbor import DagCborError, decode, encode
from tonearm.atproto.formats import is_nsid, is_record_key
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.errors import InvalidWriteError, RepoNotFoundError
from tonearm.pds.builtin.repository.rows import UNSET, Action, Edit, Unset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORD_LIMIT_BYTES = 1 << 20
"""Largest record. Source: https://atproto.com/specs/repository."""
PAGE_LIMIT_BYTES = 2 << 20
"""Most bytes of records in one page, which otherwise could be a hundred of the largest."""
BLOB_MARK = b"\x64blob"
"""The text "blob" in CBOR: a record without it references no blob and is not decoded."""


class StoredRecord(NamedTuple):
    """A record as it is stored; `cid` is text."""

    rkey: str
    cid: str
    block: bytes

    def value(self) -> Any:
        """Return the record in the data model."""
        return decode(self.block)


def edit_of_data(action: Action, collection: str, rkey: str, value: Any, *, swap: str | Unset | None = UNSET) -> Edit:
    """Return the edit that writes a value of the data model.

    Raises:
        InvalidWriteError: key, type or content can't be stored.
    """
    if not isinstance(value, dict):
        raise InvalidWriteError("a record must be an object")
    named = value.get("$type", collection)
    if named != collection:
        raise InvalidWriteError(f"Invalid $type: expected {collection}, got {named}")
    try:
        block = encode(value)
    except DagCborError as error:
        raise InvalidWriteError(f"the record is outside the data model: {error}") from error
    return edit_of_block(action, collection, rkey, block, swap=swap)


def edit_of_block(
    action: Action, collection: str, rkey: str, block: bytes = b"", *, swap: str | Unset | None = UNSET
) -> Edit:
    """Return the edit that writes a record's canonical bytes, or deletes a record (no bytes).

    Raises:
        InvalidWriteError: the key is malformed, or the record is too large.
    """
    if not is_nsid(collection):
        raise InvalidWriteError("the collection is not an NSID")
    if not is_record_key(rkey):
        raise InvalidWriteError("the record key is malformed")
    if len(block) > RECORD_LIMIT_BYTES:
        raise InvalidWriteError(f"the record is larger than {RECORD_LIMIT_BYTES} bytes")
    expected = swap if swap is None or isinstance(swap, Unset) else _binary(swap)
    if not block:
        return Edit(action, collection, rkey, swap=expected)
    blobs = tuple(blob_cids(decode(block))) if BLOB_MARK in block else ()
    return Edit(action, collection, rkey, block, bytes(cid_of_dag_cbor(block)), blobs, expected)


def _binary(text: str) -> bytes:
    try:
        return bytes(parse_cid(text))
    except CidError as error:
        raise InvalidWriteError(f"swapRecord is no CID: {error}") from error


def blob_cids(value: Any) -> Iterator[str]:
    """Yield the CIDs of the blobs that a value of the data model references."""
    if isinstance(value, dict):
        if value.get("$type") == "blob" and isinstance(value.get("ref"), Cid):
            yield cid_text(value["ref"])
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from blob_cids(item)


def record_of(repo_id: int, collection: str, rkey: str) -> Work[StoredRecord | None]:
    """Return one record."""
    rows = yield select(
        "SELECT rkey, cid, block FROM pds_record WHERE repo_id = $1 AND collection = $2 AND rkey = $3",
        *(repo_id, collection, rkey),
    )
    return _stored(rows[0]) if rows else None


def records_page(
    repo_id: int, collection: str, *, limit: int, cursor: str | None, reverse: bool
) -> Work[list[StoredRecord]]:
    """Return up to `limit` records beyond the key `cursor`: newest keys first, or oldest first when `reverse`.

    They are fewer when they would be more than `PAGE_LIMIT_BYTES` together; one is given in any case.
    """
    beyond, order = (">", "ASC") if reverse else ("<", "DESC")
    condition = "" if cursor is None else f" AND rkey {beyond} $5"
    rows_there = f"FROM pds_record WHERE repo_id = $1 AND collection = $2{condition} ORDER BY rkey {order} LIMIT"
    sizes = f"(SELECT rkey, length(block) AS size {rows_there} $3) AS sizes"
    totals = f"(SELECT size, sum(size) OVER (ORDER BY rkey {order}) AS total FROM {sizes}) AS totals"
    fitting = (  # a page of small records, as most are, is spared the running total
        f"CASE WHEN (SELECT sum(size) FROM {sizes}) <= $4 THEN $3 "
        f"ELSE (SELECT count(*) FROM {totals} WHERE total <= $4 OR total = size) END"
    )
    rows = yield select(
        f"SELECT rkey, cid, block {rows_there} ({fitting})",
        *(repo_id, collection, limit, PAGE_LIMIT_BYTES, *(() if cursor is None else (cursor,))),
    )
    return [_stored(row) for row in rows]


def collections_of(repo_id: int) -> Work[list[str]]:
    """Return the collections that have records: one index step for each, not a scan."""
    found: list[str] = []
    last = ""
    while True:
        rows = yield select(
            "SELECT collection FROM pds_record WHERE repo_id = $1 AND collection > $2 ORDER BY collection LIMIT 1",
            *(repo_id, last),
        )
        if not rows:
            return found
        last = rows[0][0]
        found.append(last)


def cids_of(did: str, keys: Sequence[tuple[str, str]]) -> Work[dict[tuple[str, str], str]]:
    """Return the CIDs, as text, of those of `keys` (collection, rkey) that exist.

    Raises:
        RepoNotFoundError: there is no such repository.
    """
    rows = yield select("SELECT repo_id FROM pds_repo WHERE did = $1", did)
    if not rows:
        raise RepoNotFoundError(f"no repository {did} here")
    repo_id = rows[0][0]
    by_collection: dict[str, list[str]] = {}
    for collection, rkey in keys:
        by_collection.setdefault(collection, []).append(rkey)
    found: dict[tuple[str, str], str] = {}
    for collection, rkeys in by_collection.items():
        rows = yield select(
            "SELECT rkey, cid FROM pds_record WHERE repo_id = $1 AND collection = $2 AND rkey = ANY($3)",
            *(repo_id, collection, rkeys),
        )
        found.update({(collection, row[0]): cid_text(Cid(row[1])) for row in rows})
    return found


def _stored(row: tuple[Any, ...]) -> StoredRecord:
    return StoredRecord(row[0], cid_text(Cid(row[1])), row[2])
