"""The Merkle search tree against an independent implementation (`atmst`) and known roots."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("atmst", reason="the implementation to compare with is not installed: it takes a C compiler")

from atmst.blockstore import MemoryBlockStore
from atmst.mst.node_store import NodeStore
from atmst.mst.node_walker import NodeWalker
from atmst.mst.node_wrangler import NodeWrangler
from atmst.mst.proof import verify_exclusion, verify_inclusion
from cbrrr import CID
from hypothesis import given, settings
from hypothesis import strategies as st

from tonearm.atproto.mst import (
    EMPTY_ROOT,
    Change,
    MissingNodeError,
    MstError,
    Nodes,
    Tree,
    decode_node,
    layer_of,
    path_of,
    walk_records,
)
from tonearm.atproto.mst.node import MAX_ENTRIES, node_cid

VALUE = CID.decode("bafyreie5cvv4h45feadgeuwhbcutmh6t2ceseocckahdoe6uat64zmz454")


def value_of(number: int) -> bytes:
    return bytes(CID.cidv1_dag_cbor_sha256_32_from(str(number).encode()))


class Store:
    """Blocks by CID, as a database would keep them: a change is applied to it, a read counts."""

    def __init__(self) -> None:
        self.blocks = {node_cid(EMPTY_ROOT): EMPTY_ROOT}
        self.root = node_cid(EMPTY_ROOT)

    def load(self, keys: list[bytes], nodes: Nodes | None = None) -> Nodes:
        nodes = nodes or Nodes()
        for absent in nodes.missing(self.root, keys):
            assert len(set(absent)) == len(absent)
            for cid in absent:
                nodes.add(cid, self.blocks[cid], trusted=False)
        return nodes

    def apply(self, edits: dict[str, bytes | None]) -> tuple[Change, Tree]:
        keys = sorted(key.encode() for key in edits)
        tree = Tree(self.load(keys), self.root)
        for key, value in edits.items():
            if value is None:
                tree.remove(key.encode())
            else:
                tree.put(key.encode(), value)
        change = tree.seal()
        assert change.removed <= self.blocks.keys(), "only stored nodes can be removed"
        assert not change.created.keys() & self.blocks.keys(), "a created node is new"
        for cid in change.removed:
            del self.blocks[cid]
        self.blocks |= change.created
        self.root = change.root
        return change, tree


def oracle_root(records: dict[str, bytes]) -> bytes:
    store = NodeStore(MemoryBlockStore())
    wrangler = NodeWrangler(store)
    root = store.get_node(None).cid
    for key, value in records.items():
        root = wrangler.put_record(root, key, CID(value))
    return bytes(root)


def reachable(store: Store) -> set[bytes]:
    seen: set[bytes] = set()
    stack = [store.root]
    while stack:
        cid = stack.pop()
        seen.add(cid)
        stack += [kid for kid in decode_node(store.blocks[cid], cid, trusted=False).kids if isinstance(kid, bytes)]
    return seen


def test_the_empty_tree_has_the_published_root() -> None:
    assert CID(node_cid(EMPTY_ROOT)).encode() == "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"


@pytest.mark.parametrize(
    ("keys", "root"),
    [
        (["com.example.record/3jqfcqzm3fo2j"], "bafyreibj4lsc3aqnrvphp5xmrnfoorvru4wynt6lwidqbm2623a6tatzdu"),
        (["com.example.record/3jqfcqzm3fx2j"], "bafyreih7wfei65pxzhauoibu3ls7jgmkju4bspy4t2ha2qdjnzqvoy33ai"),
        (
            [
                "com.example.record/3jqfcqzm3fp2j",
                "com.example.record/3jqfcqzm3fr2j",
                "com.example.record/3jqfcqzm3fs2j",
                "com.example.record/3jqfcqzm3ft2j",
                "com.example.record/3jqfcqzm4fc2j",
            ],
            "bafyreicmahysq4n6wfuxo522m6dpiy7z7qzym3dzs756t5n7nfdgccwq7m",
        ),
    ],
)
def test_published_trees_have_the_published_roots(keys: list[str], root: str) -> None:
    store = Store()
    store.apply(dict.fromkeys(keys, bytes(VALUE)))
    assert CID(store.root).encode() == root


@pytest.mark.parametrize(
    ("key", "layer"),
    [
        ("", 0),
        ("asdf", 0),
        ("blue", 1),
        ("2653ae71", 0),
        ("88bfafc7", 2),
        ("2a92d355", 4),
        ("884976f5", 6),
        ("app.bsky.feed.post/454397e440ec", 4),
        ("app.bsky.feed.post/9adeb165882c", 8),
    ],
)
def test_published_keys_have_the_published_layers(key: str, layer: int) -> None:
    assert layer_of(key.encode()) == layer


KEYS = [f"app.rocksky.{name}/{number:x}" for name in ("song", "scrobble") for number in range(60)]
"""Their layers reach from 0 to 3."""

BATCHES = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=25),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(BATCHES)
def test_any_batches_lead_to_the_tree_that_the_oracle_builds(batches: list[dict[str, int | None]]) -> None:
    store = Store()
    records: dict[str, bytes] = {}
    for batch in batches:
        edits: dict[str, bytes | None] = {}
        for key, number in batch.items():
            if number is not None:
                edits[key] = records[key] = value_of(number)
            elif key in records:
                edits[key] = None
                del records[key]
        if edits:
            store.apply(edits)
        assert store.root == oracle_root(records)
        assert reachable(store) == store.blocks.keys(), "no node is lost and none is left over"
        loaded = store.load([])
        for cid, block in store.blocks.items():
            loaded.add(cid, block, trusted=False)
        assert dict(walk_records(loaded, store.root)) == {key.encode(): value for key, value in records.items()}


@settings(max_examples=150, deadline=None)
@given(BATCHES)
def test_the_cover_alone_is_enough_to_undo_a_batch(batches: list[dict[str, int | None]]) -> None:
    store = Store()
    records: dict[str, bytes] = {}
    for batch in batches:
        before, old_root = dict(records), store.root
        edits: dict[str, bytes | None] = {}
        for key, number in batch.items():
            if number is not None:
                edits[key] = records[key] = value_of(number)
            elif key in records:
                edits[key] = None
                del records[key]
        if not edits:
            continue
        _, tree = store.apply(edits)
        partial = MemoryBlockStore()
        for node in tree.cover(sorted(key.encode() for key in edits)):
            assert node.cid is not None
            partial.put_block(node.cid, node.block)
        wrangler = NodeWrangler(NodeStore(partial))
        root = CID(store.root)
        shuffled = list(edits)
        random.Random(len(shuffled)).shuffle(shuffled)
        for key in shuffled:
            old = before.get(key)
            root = wrangler.del_record(root, key) if old is None else wrangler.put_record(root, key, CID(old))
        assert bytes(root) == old_root


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(KEYS), min_size=1), st.sampled_from(KEYS))
def test_a_path_proves_that_a_record_is_there_or_is_not(present: set[str], asked: str) -> None:
    store = Store()
    store.apply({key: value_of(1) for key in sorted(present)})
    value, path = path_of(store.load([asked.encode()]), store.root, asked.encode())
    proof = MemoryBlockStore()
    for node in path:
        proof.put_block(bytes(node.cid or b""), node.block)
    if asked in present:
        assert value == value_of(1)
        verify_inclusion(NodeStore(proof), CID(store.root), asked)
    else:
        assert value is None
        verify_exclusion(NodeStore(proof), CID(store.root), asked)


def test_a_batch_of_time_ordered_keys_touches_few_nodes() -> None:
    store = Store()
    for start in range(0, 4000, 200):
        store.apply({f"app.rocksky.scrobble/3l{number:08d}": value_of(number) for number in range(start, start + 200)})
    keys = [f"app.rocksky.scrobble/3l{number:08d}".encode() for number in range(4000, 4200)]
    assert len(store.load(keys)) < 12
    walker = NodeWalker(_as_oracle(store), CID(store.root))
    assert sum(1 for _ in walker.iter_kv()) == 4000


def _as_oracle(store: Store) -> NodeStore:
    blocks = MemoryBlockStore()
    for cid, block in store.blocks.items():
        blocks.put_block(cid, block)
    return NodeStore(blocks)


def test_removing_an_absent_key_is_refused() -> None:
    store = Store()
    store.apply({"a/b": value_of(1)})
    with pytest.raises(MstError, match="not in the tree"):
        store.apply({"a/c": None})


def test_an_edit_without_its_nodes_is_refused() -> None:
    store = Store()
    store.apply({key: value_of(1) for key in KEYS})
    nodes = store.load([])
    nodes.add(store.root, store.blocks[store.root])
    with pytest.raises(MissingNodeError):
        Tree(nodes, store.root).put(b"app.rocksky.song/absent", value_of(2))
    with pytest.raises(MissingNodeError):
        Tree(Nodes(), store.root)


def test_mined_keys_cannot_grow_one_node_without_bound() -> None:
    low = [key for key in (f"a/{number}" for number in range(3 * MAX_ENTRIES)) if layer_of(key.encode()) == 0]
    store = Store()
    store.apply({key: value_of(1) for key in low[:MAX_ENTRIES]})
    with pytest.raises(MstError, match="may hold"):
        store.apply({low[MAX_ENTRIES]: value_of(1)})


def _foreign(entries: list[dict[str, object]]) -> bytes:
    from cbrrr import encode_dag_cbor

    return encode_dag_cbor({"l": None, "e": entries})  # type: ignore[arg-type]


LINK = CID(value_of(0))


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\xa0",
        b"\xf6",
        EMPTY_ROOT + b"\x00",
        _foreign([{"k": b"b", "p": 0, "t": None, "v": LINK}, {"k": b"a", "p": 0, "t": None, "v": LINK}]),
        _foreign([{"k": b"a", "p": 0, "t": None, "v": LINK}, {"k": b"a", "p": 0, "t": None, "v": LINK}]),
        _foreign([{"k": b"aa", "p": 0, "t": None, "v": LINK}, {"k": b"ab", "p": 0, "t": None, "v": LINK}]),
        _foreign([{"k": b"asdf", "p": 0, "t": None, "v": LINK}, {"k": b"blue", "p": 0, "t": None, "v": LINK}]),
        _foreign([{"k": b"a", "p": 4, "t": None, "v": LINK}]),
        _foreign([{"k": b"a", "p": 0, "t": None, "v": b"short"}]),
        _foreign([{"k": b"a", "p": 0, "t": None, "v": value_of(0)}]),
        _foreign([{"k": b"a", "p": 0, "t": None}]),
        _foreign([{"k": "a", "p": 0, "t": None, "v": LINK}]),
        _foreign([{"k": b"a", "p": -1, "t": None, "v": LINK}]),
    ],
)
def test_a_foreign_node_that_breaks_the_format_is_refused(block: bytes) -> None:
    with pytest.raises(MstError):
        decode_node(block, node_cid(block), trusted=False)


def test_a_foreign_node_under_another_cid_is_refused() -> None:
    with pytest.raises(MstError, match="CID"):
        decode_node(EMPTY_ROOT, value_of(1), trusted=False)
