"""Values that pass between the database and the rest of the built-in PDS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Action: TypeAlias = Literal["create", "update", "delete", "put", "drop"]
"""`put` creates or updates, `drop` deletes what may be absent; both make no commit when nothing changes."""


class Unset:
    """The type of `UNSET`: a swap condition that was not given. None is one: the record must be absent."""


UNSET = Unset()


class Head(NamedTuple):
    """A repository's current commit. CIDs are the 36 binary bytes, `rev` is the TID's number."""

    repo_id: int
    did: str
    rev: int
    commit_cid: bytes
    root_cid: bytes


class Event(NamedTuple):
    """A frame of the event stream, cut in two where its sequence number belongs."""

    before_seq: bytes
    after_seq: bytes


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one record, checked by `records.edit_of`.

    Attributes:
        block: the record's DAG-CBOR; empty for a deletion.
        cid: its binary CID; empty for a deletion.
        blobs: CIDs, as text, of the blobs that the record references.
        swap: the binary CID that the record must have now, None when it must be absent.
    """

    action: Action
    collection: str
    rkey: str
    block: bytes = b""
    cid: bytes = b""
    blobs: tuple[str, ...] = ()
    swap: bytes | Unset | None = UNSET

    @property
    def path(self) -> str:
        """The record's key in the tree."""
        return f"{self.collection}/{self.rkey}"


class Done(NamedTuple):
    """What became of an edit. `action` is None when nothing had to change."""

    edit: Edit
    action: Literal["create", "update", "delete"] | None
    previous: bytes | None


class Applied(NamedTuple):
    """The outcome of a batch. `head` is the new commit, or the old one when nothing had to change."""

    head: Head
    done: list[Done]
    changed: bool


def prefix_of(cid: bytes) -> int:
    """Return the first 64 bits of a CID's digest: what nodes and records are looked up by, many at a time."""
    return int.from_bytes(cid[4:12], "big", signed=True)
