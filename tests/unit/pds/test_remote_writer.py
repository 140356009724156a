"""What `RemotePds` sends, and how much at once."""

from __future__ import annotations

import logging

import pytest

from tests.support.pds_sessions import SCROBBLE, MemorySessions, delete_of, write_of
from tests.unit.pds.remote_fakes import CID, COMMITTED, DID, REV, URL, FakePds, Given, a_session, refused
from tonearm.pds.errors import PdsRateLimitedError, PdsRefusedError, PdsSessionLostError, PdsUnavailableError
from tonearm.pds.remote import RemotePds
from tonearm.pds.writer import CommitResult, RepoWrite

RECORD = {"$type": SCROBBLE, "title": "Ænima", "n": -3, "tags": ["a", None, True]}


def pds_with(**answers: object) -> tuple[RemotePds, FakePds]:
    fake = FakePds(**answers)
    return RemotePds(fake, MemorySessions(a_session())), fake


async def test_a_batch_is_sent_as_it_is_and_unvalidated():
    pds, fake = pds_with(applyWrites=Given(COMMITTED))
    writes = [write_of("a", RECORD), write_of("b", RECORD, "update"), delete_of("c")]
    assert await pds.apply_writes(DID, writes) == CommitResult(REV, CID)
    sent = fake.sent[0]
    assert (sent.verb, sent.url, sent.token) == ("POST", f"{URL}/xrpc/com.atproto.repo.applyWrites", "access-1")
    assert sent.options["headers"]["Content-Type"] == "application/json"
    assert sent.options["allow_redirects"] is False
    kind = "com.atproto.repo.applyWrites"
    assert sent.body == {
        "repo": DID,
        "validate": False,
        "writes": [
            {"$type": f"{kind}#create", "collection": SCROBBLE, "rkey": "a", "value": RECORD},
            {"$type": f"{kind}#update", "collection": SCROBBLE, "rkey": "b", "value": RECORD},
            {"$type": f"{kind}#delete", "collection": SCROBBLE, "rkey": "c"},
        ],
    }


@pytest.mark.parametrize("block", [b"", b"\xff", b"\xa1\x61x\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00"])
async def test_a_record_that_is_none_is_refused_unsent(block: bytes):
    pds, fake = pds_with()
    with pytest.raises(PdsRefusedError, match=f"{SCROBBLE}/a"):
        await pds.apply_writes(DID, [RepoWrite("create", SCROBBLE, "a", block, CID)])
    assert fake.sent == []


@pytest.mark.parametrize("count", [0, 201])
async def test_a_batch_of_the_wrong_size_is_never_sent(count: int):
    pds, fake = pds_with()
    with pytest.raises(ValueError, match="1 to 200"):
        await pds.apply_writes(DID, [write_of(f"k{n}", RECORD) for n in range(count)])
    assert fake.sent == []


async def test_another_cid_than_ours_is_logged_and_the_write_stands(caplog: pytest.LogCaptureFixture):
    same, other = write_of("a", RECORD), write_of("b", RECORD)
    results = [{"cid": same.cid}, {"cid": CID}]
    pds, _ = pds_with(applyWrites=Given({**COMMITTED, "results": results}))
    with caplog.at_level(logging.WARNING):
        await pds.apply_writes(DID, [same, other])
    assert [record.getMessage() for record in caplog.records] == [
        f"the PDS stored {SCROBBLE}/b of {DID} with another CID"
    ]


@pytest.mark.parametrize("results", [None, "x", [], [None, 1], [{"cid": 5}]])
async def test_results_that_make_no_sense_do_not_matter(results: object):
    pds, _ = pds_with(applyWrites=Given({**COMMITTED, "results": results}))
    assert await pds.apply_writes(DID, [write_of("a", RECORD)]) == CommitResult(REV, CID)


async def test_lookups_ask_for_each_key_once_and_a_few_at_a_time():
    pds, fake = pds_with(getRecord=Given({"cid": CID, "uri": "x", "value": {}}))
    keys = [(SCROBBLE, f"k{n}") for n in range(100)]
    assert await pds.existing(DID, keys + keys) == dict.fromkeys(keys, CID)
    assert len(fake.sent) == 100
    assert fake.most_at_once == 8
    assert {s.options["params"]["rkey"] for s in fake.sent} == {f"k{n}" for n in range(100)}
    assert {s.token for s in fake.sent} == {None}


async def test_a_failed_lookup_stops_the_others():
    missing = refused("RecordNotFound")
    pds, fake = pds_with(getRecord=[missing] * 10 + [refused("InternalServerError", 500), missing])
    with pytest.raises(PdsUnavailableError):
        await pds.existing(DID, [(SCROBBLE, f"k{n}") for n in range(1000)])
    assert len(fake.sent) < 40


async def test_the_latest_revision_is_asked_of_the_repository_without_credentials():
    pds, fake = pds_with(getLatestCommit=Given({"cid": CID, "rev": REV}))
    assert await pds.latest_rev(DID) == REV
    (sent,) = fake.sent
    assert sent.url == f"{URL}/xrpc/com.atproto.sync.getLatestCommit"
    assert (sent.verb, sent.options["params"], sent.token) == ("GET", {"did": DID}, None)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            Given({"cid": CID}),
            Given({"cid": CID, "rev": 5}),
            Given({"cid": CID, "rev": "yesterday"}),
            Given(b"<html>"),
        ),
        *(refused("RepoNotFound"), refused("RepoTakendown"), refused("MethodNotImplemented", 501)),
        *(refused("InternalServerError", 500), TimeoutError()),
    ],
)
async def test_an_answer_without_a_revision_is_unavailable(answer: object):
    pds, _ = pds_with(getLatestCommit=answer)
    with pytest.raises(PdsUnavailableError):
        await pds.latest_rev(DID)


async def test_a_question_for_the_revision_heeds_the_rate_limit():
    pds, fake = pds_with(getLatestCommit=refused("RateLimitExceeded", 429, Retry_After="30"))
    for _ in range(2):
        with pytest.raises(PdsRateLimitedError):
            await pds.latest_rev(DID)
    assert len(fake.sent) == 1


async def test_without_a_session_nothing_is_sent():
    fake = FakePds()
    pds = RemotePds(fake, MemorySessions())
    with pytest.raises(PdsSessionLostError):
        await pds.apply_writes(DID, [write_of("a", RECORD)])
    with pytest.raises(PdsSessionLostError):
        await pds.existing(DID, [(SCROBBLE, "a")])
    with pytest.raises(PdsSessionLostError):
        await pds.latest_rev(DID)
    assert fake.sent == []
