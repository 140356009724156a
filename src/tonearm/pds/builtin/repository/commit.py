"""Making a commit: pure computation from a loaded tree to the blocks to store and the event to publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.atproto.car import car_block, car_header
from tonearm.atproto.cid import Cid, cid_of_dag_cbor, cid_text
from tonearm.atproto.dag_cbor import encode
from tonearm.atproto.mst import EMPTY_ROOT, Change, MstError, Nodes, Tree
from tonearm.atproto.mst.node import node_cid
from tonearm.atproto.tid import tid_text
from tonearm.pds.builtin.errors import InvalidSwapError, InvalidWriteError, RecordExistsError, RecordNotFoundError
from tonearm.pds.builtin.repository.rows import Done, Edit, Event, Head, Unset, prefix_of
from tonearm.pds.builtin.stream.frames import commit_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.atproto.did_key import SigningKey

EVENT_BLOCKS_LIMIT_BYTES = 2_000_000
"""Largest `blocks` of one #commit. Source: com.atproto.sync.subscribeRepos."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything that one transaction stores, as rows where there are many.

    Attributes:
        before: the head that it was built on.
        head: the new head.
        block: the commit itself.
        removed: (repo_id, prefix, cid) of each node that is no longer needed.
        created: (repo_id, prefix, cid, rev, block) of each new node.
        done: what became of the edits.
        event: what is published.
    """

    before: Head
    head: Head
    block: bytes
    removed: list[tuple[int, int, bytes]]
    created: list[tuple[int, int, bytes, int, bytes]]
    done: list[Done]
    event: Event


def sign_commit(key: SigningKey, did: str, root_cid: bytes, rev: int) -> bytes:
    """Return the block of a signed commit (version 3)."""
    unsigned: dict[str, Any] = {"did": did, "version": 3, "data": Cid(root_cid), "rev": tid_text(rev), "prev": None}
    return encode({**unsigned, "sig": key.sign(encode(unsigned))})


def first_commit(key: SigningKey, did: str, rev: int) -> tuple[Head, bytes]:
    """Return the head and the commit block of a repository without records. Its `repo_id` is not known yet: 0."""
    root = node_cid(EMPTY_ROOT)
    block = sign_commit(key, did, root, rev)
    return Head(0, did, rev, bytes(cid_of_dag_cbor(block)), root), block


def build_commit(
    head: Head,
    nodes: Nodes,
    edits: Sequence[Edit],
    key: SigningKey,
    rev: int,
    time: str,
    pause: Callable[[], None],
) -> Commit | list[Done]:
    """Apply edits to the tree and sign the result.

    Args:
        head: the repository as it is.
        nodes: the nodes that the edits touch.
        edits: distinct paths.
        key: the repository's signing key.
        rev: the new revision, above `head.rev`.
        time: the commit's time for the event, RFC 3339.
        pause: called between steps of less than a millisecond.

    Returns:
        The commit, or only what became of the edits when no record changes.

    Raises:
        RecordExistsError, RecordNotFoundError, InvalidSwapError: an edit does not fit the repository.
        InvalidWriteError: the commit would be too large.
    """
    tree = Tree(nodes, head.root_cid, pause)
    done = [_edit(tree, edit) for edit in edits]
    changed = [item for item in done if item.action is not None]
    if not changed:
        return done
    try:
        change = tree.seal()
    except MstError as error:
        raise InvalidWriteError(str(error)) from error
    block = sign_commit(key, head.did, change.root, rev)
    new_head = Head(head.repo_id, head.did, rev, bytes(cid_of_dag_cbor(block)), change.root)
    blocks = _event_blocks(tree, change, changed, new_head, block, pause)
    return Commit(
        before=head,
        head=new_head,
        block=block,
        removed=sorted((head.repo_id, prefix_of(cid), cid) for cid in change.removed),
        created=sorted((head.repo_id, prefix_of(cid), cid, rev, node) for cid, node in change.created.items()),
        done=done,
        event=commit_event(head, new_head, changed, blocks, time),
    )


def _edit(tree: Tree, edit: Edit) -> Done:
    key = edit.path.encode()
    if edit.action in ("delete", "drop"):
        previous = tree.value(key)
        _check_swap(edit, previous)
        if previous is not None:
            tree.remove(key)
            return Done(edit, "delete", previous)
        if edit.action == "delete":
            raise RecordNotFoundError(f"no record {edit.path}")
        return Done(edit, None, None)
    if not isinstance(edit.swap, Unset):
        _check_swap(edit, tree.value(key))
    previous = tree.put(key, edit.cid)
    if previous is not None and edit.action == "create":
        raise RecordExistsError(f"there is a record {edit.path} already")
    if previous is None and edit.action == "update":
        raise RecordNotFoundError(f"no record {edit.path}")
    if previous == edit.cid:
        return Done(edit, None, previous)
    return Done(edit, "create" if previous is None else "update", previous)


def _check_swap(edit: Edit, current: bytes | None) -> None:
    if not isinstance(edit.swap, Unset) and edit.swap != current:
        raise InvalidSwapError("Record", "" if current is None else cid_text(Cid(current)))


def _event_blocks(
    tree: Tree, change: Change, changed: list[Done], head: Head, commit_block: bytes, pause: Callable[[], None]
) -> bytes:
    cover = tree.cover(sorted(item.edit.path.encode() for item in changed))
    blocks = {node.cid: node.block for node in cover if node.cid is not None} | change.created
    records = {item.edit.cid: item.edit.block for item in changed if item.action != "delete"}
    if sum(map(len, blocks.values())) + sum(map(len, records.values())) > EVENT_BLOCKS_LIMIT_BYTES - 40_000:
        raise InvalidWriteError(f"too many bytes in one commit; {EVENT_BLOCKS_LIMIT_BYTES} are allowed")
    root = Cid(head.commit_cid)
    parts = [car_header([root]), car_block(root, commit_block)]
    for cid, block in [*blocks.items(), *records.items()]:
        parts.append(car_block(Cid(cid), block))
        pause()
    return b"".join(parts)
