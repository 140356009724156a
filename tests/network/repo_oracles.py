"""Checks of repositories, commits and frames by libraries that are not ours: atmst, cbrrr, dag-cbor, the SDK."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import dag_cbor
import pytest

REASON = "the implementations to compare with are not installed: they take a C compiler"
pytest.importorskip("atmst", reason=REASON)
pytest.importorskip("cbrrr", reason=REASON)

from atmst.blockstore import MemoryBlockStore, OverlayBlockStore
from atmst.blockstore.car_file import ReadOnlyCARBlockStore
from atmst.mst.node import MSTNode
from atmst.mst.node_store import NodeStore
from atmst.mst.node_walker import NodeWalker
from atmst.mst.node_wrangler import NodeWrangler
from atproto_crypto.verify import verify_signature
from cbrrr import CID, decode_dag_cbor, encode_dag_cbor

COMMIT_FIELDS = {"did", "version", "data", "rev", "prev", "sig"}


def cid_text(cid: CID) -> str:
    return cid.encode("base32")


@dataclass(frozen=True)
class SignedCommit:
    cid: str
    rev: str
    data: CID


class Car:
    """A CAR file whose single root is a commit; a block that is read is checked against its CID."""

    def __init__(self, raw: bytes) -> None:
        self.blocks = ReadOnlyCARBlockStore(io.BytesIO(raw))
        self.root = self.blocks.car_root
        self.cids = {CID(key) for key in self.blocks.block_offsets}

    def nodes(self) -> NodeStore:
        return NodeStore(OverlayBlockStore(MemoryBlockStore(), self.blocks))

    def block(self, cid: CID) -> bytes:
        return self.blocks.get_block(bytes(cid))

    def commit(self, did: str, signing_key: str) -> SignedCommit:
        """Check the root's form and signature and answer it."""
        raw = self.block(self.root)
        commit = decode_dag_cbor(raw)
        assert encode_dag_cbor(commit) == raw
        assert set(commit) == COMMIT_FIELDS
        assert commit["did"] == did
        assert commit["version"] == 3
        assert commit["prev"] is None
        assert len(commit["sig"]) == 64
        unsigned = {name: value for name, value in commit.items() if name != "sig"}
        assert verify_signature(signing_key, encode_dag_cbor(unsigned), commit["sig"])
        return SignedCommit(cid_text(self.root), commit["rev"], commit["data"])


def whole_repo(raw: bytes, did: str, signing_key: str) -> tuple[SignedCommit, dict[str, str]]:
    """Check a full export: signature, tree, every record, and nothing besides. Answers path to CID."""
    car = Car(raw)
    commit = car.commit(did, signing_key)
    walker = NodeWalker(car.nodes(), commit.data)
    node_cids = set(NodeWalker(car.nodes(), commit.data).iter_node_cids())
    records = dict(walker.iter_kv())
    for cid in records.values():
        decode_dag_cbor(car.block(cid))
    assert root_of(records) == commit.data
    assert car.cids == node_cids | set(records.values()) | {car.root}
    return commit, {path: cid_text(cid) for path, cid in records.items()}


def root_of(records: dict[str, CID]) -> CID:
    """The root of the tree of these records, built anew."""
    nodes = NodeStore(MemoryBlockStore())
    wrangler = NodeWrangler(nodes)
    root = nodes.get_node(None).cid
    for path, cid in records.items():
        root = wrangler.put_record(root, path, cid)
    return root


def looked_up(car: Car, data: CID, path: str) -> str | None:
    """Follow a proof from the tree's root to a path; None when it proves that nothing is there.

    A KeyError means that the proof lacks a block.
    """
    found = NodeWalker(car.nodes(), data).find_rpath(path)
    return None if found is None else cid_text(found)


def tree_before(car: Car, data: CID, ops: list[dict[str, Any]]) -> str:
    """Undo the operations of a commit on the part of the tree that came with it; answers the CID of its root."""
    wrangler = NodeWrangler(car.nodes())
    for op in ops:
        if op["action"] == "create":
            data = wrangler.del_record(data, op["path"])
        else:
            data = wrangler.put_record(data, op["path"], CID(bytes(op["prev"])))
    return cid_text(data)


EMPTY_TREE = cid_text(MSTNode.empty_root().cid)


def read_frame(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a frame into header and body; refuses what is not canonical or not exactly two items."""
    stream = io.BytesIO(raw)
    header = dag_cbor.decode(stream, allow_concat=True)
    body = dag_cbor.decode(stream, allow_concat=True)
    assert stream.read() == b""
    return header, body
