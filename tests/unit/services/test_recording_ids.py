"""Which texts identify a recording."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.services.recording_ids import isrc_of, mbid_of
from tonearm.services.records import play_facts, scrobble_record, submission_values
from tonearm.services.submission import Submission

AT = 1_700_000_000
MBID = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"
ARABIC_ZERO = "\N{ARABIC-INDIC DIGIT ZERO}"
NIL = str(uuid.UUID(int=0))
JUNK_MBIDS = [
    *("unknown", "0", "", "-", "null", NIL, f"mbid:{NIL}", NIL.upper(), f"mbid:{NIL.replace('0', ARABIC_ZERO)}"),
    *("mbid:", MBID[:-1], f"{MBID}0", f" {MBID}", f"{MBID}\n", f"{{{MBID}}}", f"mbid:mbid:{MBID}"),
    *(MBID.replace("-", ""), MBID.replace("a", "g"), MBID.replace("0", ARABIC_ZERO), f"urn:uuid:{MBID}"),
]
JUNK_ISRCS = [
    *("unknown", "0", "", "-", "000000000000", "GBAYE850004", "GBAYE85000422", "1BAYE8500042", "GB1AYE850004X"),
    *("GBAYE85OOO42", "GBÀYE8500042", "GBAYE_8500042", "GBAYE8500042\n", "ßAYE18500042", "x" * 40),
    f"GBAYE850004{ARABIC_ZERO}",
]


@pytest.mark.parametrize("text", [MBID, MBID.upper(), f"mbid:{MBID}", f"MBID:{MBID.upper()}"])
def test_an_mbid_has_one_spelling(text: str):
    assert mbid_of(text) == MBID


@pytest.mark.parametrize("text", JUNK_MBIDS)
def test_what_is_no_uuid_is_no_mbid(text: str):
    assert mbid_of(text) is None


@given(st.uuids(allow_nil=False))
def test_every_uuid_is_one(number: uuid.UUID):
    assert mbid_of(f"mbid:{number}") == mbid_of(str(number).upper()) == str(number)


@pytest.mark.parametrize(
    "text", ["GBAYE8500042", "gbaye8500042", "GB-AYE-85-00042", "gb aye 85 00042", "GB-AYE 8500042-"]
)
def test_an_isrc_has_one_spelling(text: str):
    assert isrc_of(text) == "GBAYE8500042"


def test_a_registrant_may_have_digits():
    assert isrc_of("us-s1z-99-00001") == "USS1Z9900001"


@pytest.mark.parametrize("text", JUNK_ISRCS)
def test_what_has_another_form_is_no_isrc(text: str):
    assert isrc_of(text) is None


@given(st.text())
def test_an_identifier_identifies_itself(text: str):
    for spelling in (mbid_of, isrc_of):
        assert (found := spelling(text)) is None or spelling(found) == found


@pytest.mark.parametrize("mbid", JUNK_MBIDS)
@pytest.mark.parametrize("isrc", ["unknown", "GB-AYE-85-00042"])
def test_the_record_and_an_edit_keep_what_was_sent(mbid: str, isrc: str):
    sent = Submission.of(now_s=AT, title="Cloudbusting", artist="Kate Bush", mbid=mbid, isrc=isrc)
    record = scrobble_record(sent, AT)
    assert (record.get("mbid"), record["isrc"]) == (mbid.strip() or None, isrc)
    assert mbid.strip() == MBID or play_facts(record).mbid is None
    again = Submission.of(now_s=AT, **submission_values(record))
    assert (again.mbid, again.isrc) == (sent.mbid, sent.isrc)
