"""Event-stream frames: exact bytes out, exactly two items in."""

from __future__ import annotations

import pytest

from tonearm.atproto.cid import cid_of_dag_cbor
from tonearm.atproto.dag_cbor import DagCborError, encode
from tonearm.atproto.frames import Frame, FrameError, decode_frame, encoded_message_frame, error_frame, message_frame


def test_a_message_has_these_bytes():
    frame = message_frame("#info", {"name": "OutdatedCursor"})
    assert frame == bytes.fromhex("a261746523696e666f626f7001") + bytes.fromhex("a1646e616d65") + b"\x6eOutdatedCursor"


def test_an_error_has_these_bytes():
    assert error_frame("FutureCursor") == bytes.fromhex("a1626f7020a1656572726f72") + b"\x6cFutureCursor"
    assert error_frame("FutureCursor", "no") == (
        bytes.fromhex("a1626f7020a2656572726f72") + b"\x6cFutureCursor" + b"\x67message\x62no"
    )


def test_a_message_is_read_back():
    body = {
        "seq": 7,
        "commit": cid_of_dag_cbor(b"\xa0"),
        "blocks": b"\1\2",
        "since": None,
        "ops": [{"action": "create"}],
    }
    assert decode_frame(message_frame("#commit", body)) == Frame(1, "#commit", body)
    assert encoded_message_frame("#commit", encode(body)) == message_frame("#commit", body)


def test_an_error_is_read_back():
    assert decode_frame(error_frame("ConsumerTooSlow", "late")) == Frame(
        -1, None, {"error": "ConsumerTooSlow", "message": "late"}
    )


def test_an_operation_or_a_type_that_is_unknown_is_left_to_the_reader():
    assert decode_frame(encode({"op": 2, "x": 1}) + encode({"y": 1})) == Frame(2, None, {"y": 1})
    assert decode_frame(encode({"op": 1, "t": "#never", "x": 1}) + encode({})) == Frame(1, "#never", {})


def test_a_body_outside_the_data_model_is_no_message():
    with pytest.raises(DagCborError):
        message_frame("#info", {"x": 1.5})


HEADER = encode({"op": 1, "t": "#info"})

REFUSED = {
    "nothing": b"",
    "one item": HEADER,
    "three items": HEADER + b"\xa0\xa0",
    "a byte too many": HEADER + b"\xa0\x00",
    "a header that is no map": b"\x01\xa0",
    "a body that is no map": HEADER + b"\x01",
    "no op": encode({"t": "#info"}) + b"\xa0",
    "an op that is text": encode({"op": "1", "t": "#info"}) + b"\xa0",
    "an op that is true": encode({"op": True, "t": "#info"}) + b"\xa0",
    "a message without a type": encode({"op": 1}) + b"\xa0",
    "a message with a numeric type": encode({"op": 1, "t": 1}) + b"\xa0",
    "an error without a name": encode({"op": -1}) + encode({"message": "x"}),
    "an error with a numeric name": encode({"op": -1}) + encode({"error": 1}),
    "a float in the body": HEADER + b"\xa1\x61x\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00",
    "a body cut short": HEADER + b"\xa1\x61x",
    "unsorted keys": b"\xa2\x62op\x01\x61t\x65#info\xa0",
    "text": b'{"op":1}',
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_other_bytes_are_no_frame(data):
    with pytest.raises(FrameError):
        decode_frame(data)


def test_a_frame_over_the_limit_is_refused():
    frame = message_frame("#info", {"x": b"0" * 100})
    assert decode_frame(frame, limit_bytes=len(frame))
    with pytest.raises(FrameError, match="larger than"):
        decode_frame(frame, limit_bytes=len(frame) - 1)
