"""One scrobble record of some 600 bytes, to DAG-CBOR and back: ours beside cbor2 (canonical) and the atproto SDK.

Encoding always ends in the record's CID as text, decoding with validation in an object of the record's class. cbor2 is
the library alone: it checks neither the data model nor the lexicon, and takes what DAG-CBOR forbids. The SDK decodes
with libipld; it has no encoder, so its row encodes a dump of its model with libipld too.
"""

from __future__ import annotations

import base64
import hashlib
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.report import Row, compared
from tests.benchmarks.rounds import interleaved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.benchmarks.rounds import Run

WHAT = "record encode + CID, decode + validate beside cbor2 and the atproto SDK"
EXPECTED_S = 30
QUICK_S = 10
_BATCH = 100
_OURS = "tonearm"
_CBOR2 = "cbor2 canonical"
_SDK = "atproto SDK"
_CID_HEAD = b"\x01\x71\x12\x20"

RECORD: dict[str, Any] = {
    "$type": "app.rocksky.scrobble",
    "title": "Velti Luriten Antendor",
    "artist": "Nobalo",
    "albumArtist": "Nobalo",
    "album": "Tenmarze",
    "duration": 303_000,
    "trackNumber": 7,
    "discNumber": 1,
    "year": 1997,
    "releaseDate": "1997-05-21T00:00:00.000Z",
    "tags": ["alternative rock", "art rock"],
    "composer": "Tenmarze Orisu",
    "label": "Qufen Records",
    "albumArtUrl": "https://covers.test/release/76df3287/front-500.jpg",
    "spotifyLink": "https://open.spotify.test/track/4LRPiXqCikLlN15c3yImP7",
    "mbid": "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d",
    "isrc": "GBAYE9700371",
    "createdAt": "2025-12-31T23:59:07.000Z",
}
"""The record without its cover, which is a blob: each library has its own form of a link."""

_COVER = _CID_HEAD[:1] + b"\x55\x12\x20" + hashlib.sha256(b"a cover").digest()


async def measure(run: Run) -> list[Row]:
    """Measure four operations in interleaved rounds."""
    rows: list[Row] = []
    for what, sides in _operations().items():
        seconds = run.window_s / 4
        asked = {name: _rate_of(operation, seconds) for name, operation in sides.items()}
        found = await interleaved(run.rounds, asked)
        ours = found.pop(_OURS)
        rows += [compared("codec", what, "records/s", ours, peer, rates) for peer, rates in found.items()]
    return rows


def _operations() -> dict[str, dict[str, Callable[[], object]]]:
    from tonearm.atproto import dag_cbor
    from tonearm.atproto.cid import Cid, cid_text_of_dag_cbor
    from tonearm.lexicons.app.rocksky.scrobble.main import Record

    cbor2_encode, cbor2_decode = _cbor2()
    sdk_encode, sdk_decode = _sdk()
    blob = {"$type": "blob", "mimeType": "image/jpeg", "size": 48_123, "ref": Cid(_COVER)}
    record = {**RECORD, "albumArt": blob}
    block = dag_cbor.encode(record)
    model = Record.from_data(record)
    expected = cid_text_of_dag_cbor(block)
    if {cbor2_encode(), sdk_encode()} != {expected}:
        raise AssertionError("the libraries disagree on the record's CID")

    def encode() -> str:
        return cid_text_of_dag_cbor(dag_cbor.encode(record))

    def encode_model() -> str:
        return cid_text_of_dag_cbor(dag_cbor.encode(model.to_data()))

    return {
        "encode + CID, from data": {_OURS: encode, _CBOR2: cbor2_encode},
        "encode + CID, from a model": {_OURS: encode_model, _SDK: sdk_encode},
        "decode": {_OURS: lambda: dag_cbor.decode(block), _CBOR2: lambda: cbor2_decode(block)},
        "decode + validate": {
            _OURS: lambda: Record.from_data(dag_cbor.decode(block)),
            _SDK: lambda: sdk_decode(block),
        },
    }


def _cbor2() -> tuple[Callable[[], str], Callable[[bytes], Any]]:
    import cbor2

    link = cbor2.CBORTag(42, b"\x00" + _COVER)
    record = {**RECORD, "albumArt": {"$type": "blob", "mimeType": "image/jpeg", "size": 48_123, "ref": link}}
    return lambda: _cid_text(cbor2.dumps(record, canonical=True)), cbor2.loads


def _sdk() -> tuple[Callable[[], str], Callable[[bytes], Any]]:
    import libipld
    from atproto_core.cbor import decode_dag

    from tests.benchmarks.benches.sdk_record import STRICT_FORMATS, Scrobble

    record = {**RECORD, "albumArt": {"$type": "blob", "mimeType": "image/jpeg", "size": 48_123, "ref": _COVER}}
    model = Scrobble.model_validate(record, context=STRICT_FORMATS)

    def encode() -> str:
        return _cid_text(libipld.encode_dag_cbor(model.model_dump(by_alias=True, exclude_none=True)))

    return encode, lambda block: Scrobble.model_validate(decode_dag(block), context=STRICT_FORMATS)


def _cid_text(block: bytes) -> str:
    digest = hashlib.sha256(block).digest()
    return "b" + base64.b32encode(_CID_HEAD + digest).decode().rstrip("=").lower()


def _rate_of(operation: Callable[[], object], seconds: float) -> Callable[[], Awaitable[float]]:
    async def measured() -> float:
        started = time.perf_counter()
        done = 0
        while (elapsed := time.perf_counter() - started) < seconds:
            for _ in range(_BATCH):
                operation()
            done += _BATCH
        return done / elapsed

    return measured
