"""Content codings, undone in bounded pieces."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.codings import Decoder

PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
NAMES = st.sampled_from(sorted(PACK))


def decode(codings: str, data: bytes, *, limit: int = 1 << 20, step: int = 1000) -> bytes:
    decoder = Decoder.of_header([codings], limit)
    pieces = []
    for start in range(0, len(data), step):
        pieces.extend(decoder.feed(data[start : start + step]))
    decoder.finish()
    return b"".join(pieces)


@given(st.binary(max_size=5000), st.lists(NAMES, max_size=4), st.integers(1, 300))
def test_what_was_packed_comes_back_however_it_is_cut(data, names, step):
    packed = data
    for name in names:
        packed = PACK[name](packed)
    assert decode(", ".join(names), packed, step=step) == data


@given(st.binary(max_size=2000), st.lists(NAMES, min_size=1, max_size=4))
def test_garbage_is_refused_or_decoded_and_nothing_else(data, names):
    try:
        decode(", ".join(names), data)
    except XrpcError as error:
        assert error.name in {"InvalidRequest", "PayloadTooLarge"}


@pytest.mark.parametrize("name", sorted(PACK))
@given(cut=st.integers(1, 40))
def test_a_stream_that_is_cut_is_refused(name, cut):
    packed = PACK[name](bytes(range(256)) * 4)
    with pytest.raises(XrpcError, match="InvalidRequest"):
        decode(name, packed[:-cut])


@pytest.mark.parametrize("names", [["gzip"], ["deflate"], ["br"], ["gzip", "br"], ["br", "gzip", "deflate"]])
def test_no_piece_and_no_total_outgrows_its_bound(names):
    packed = bytes(200 << 20)
    for name in names:
        packed = PACK[name](packed) if name != "br" else brotli.compress(packed, quality=1)
    decoder = Decoder.of_header(names, 1 << 20)
    total = 0
    with pytest.raises(XrpcError, match="PayloadTooLarge"):
        for start in range(0, len(packed), 4096):
            for piece in decoder.feed(packed[start : start + 4096]):
                assert len(piece) <= 1 << 18
                total += len(piece)
    assert total <= (1 << 20) + (1 << 18)


def test_many_members_are_refused():
    with pytest.raises(XrpcError, match="InvalidRequest"):
        decode("gzip", gzip.compress(b"x") * 65)
    assert decode("gzip", gzip.compress(b"x") * 64) == b"x" * 64


def test_nothing_needs_no_stream():
    assert decode("gzip", b"") == b""


@pytest.mark.parametrize("header", ["", "identity", " , identity,"])
def test_no_coding_is_no_work(header):
    assert decode(header, b"as it is") == b"as it is"


@pytest.mark.parametrize("header", ["zstd", "gzip, x", "g zip", "gzip;q=1"])
def test_an_unknown_coding_is_unsupported(header):
    with pytest.raises(XrpcError) as refused:
        Decoder.of_header([header], 10)
    assert refused.value.status == 415
