"""Exports, proofs and listings of repositories, on the reference PDS and on ours, checked by other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.network.repo_oracles import Car, cid_text, looked_up, whole_repo
from tests.network.xrpc_calls import SCROBBLE, cid_of, create, delete, rkeys, scrobble, update

if TYPE_CHECKING:
    from tests.network.targets import Target

NOBODY = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


async def apply(target: Target, *writes: dict[str, Any]) -> dict[str, str]:
    body = {"repo": target.did, "validate": False, "writes": writes}
    output = await target.api.ok("com.atproto.repo.applyWrites", body)
    return output["commit"]


async def export(target: Target) -> bytes:
    reply = await target.anyone.get("com.atproto.sync.getRepo", did=target.did)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/vnd.ipld.car"
    return reply.raw


async def test_an_empty_repository_is_a_signed_commit_over_an_empty_tree(target: Target):
    commit, records = whole_repo(await export(target), target.did, await target.signing_key())
    assert records == {}
    assert {"cid": commit.cid, "rev": commit.rev} == await target.head()


async def test_an_export_holds_exactly_the_records_under_a_signed_tree(target: Target):
    keys = rkeys(150)
    await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys)))
    await apply(target, *(delete(rkey) for rkey in keys[:40]), update(keys[41], scrobble(999)))
    head = await apply(target, create("another", {"$type": "app.rocksky.song", "title": "x"}, "app.rocksky.song"))

    commit, records = whole_repo(await export(target), target.did, await target.signing_key())
    expected = {f"{SCROBBLE}/{rkey}": cid_of(scrobble(i)) for i, rkey in enumerate(keys) if i >= 40}
    expected[f"{SCROBBLE}/{keys[41]}"] = cid_of(scrobble(999))
    expected["app.rocksky.song/another"] = cid_of({"$type": "app.rocksky.song", "title": "x"})
    assert records == expected
    assert {"cid": commit.cid, "rev": commit.rev} == head


async def test_a_repository_emptied_again_has_the_empty_tree(target: Target):
    keys = rkeys(30)
    key = await target.signing_key()
    before, _ = whole_repo(await export(target), target.did, key)
    await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys)))
    await apply(target, *(delete(rkey) for rkey in keys))
    after, records = whole_repo(await export(target), target.did, key)
    assert records == {}
    assert after.data == before.data
    assert after.rev > before.rev


async def test_revisions_rise_with_each_commit(target: Target):
    revs = [(await target.head())["rev"]]
    for i, rkey in enumerate(rkeys(5)):
        commit = await apply(target, create(rkey, scrobble(i)))
        assert commit == await target.head()
        revs.append(commit["rev"])
    assert revs == sorted(set(revs))


async def test_a_proof_leads_from_the_signed_root_to_the_record(target: Target):
    keys = rkeys(100)
    await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys)))
    reply = await target.anyone.get("com.atproto.sync.getRecord", did=target.did, collection=SCROBBLE, rkey=keys[50])
    assert reply.headers["content-type"] == "application/vnd.ipld.car"
    car = Car(reply.raw)
    commit = car.commit(target.did, await target.signing_key())
    assert {"cid": commit.cid, "rev": commit.rev} == await target.head()
    assert looked_up(car, commit.data, f"{SCROBBLE}/{keys[50]}") == cid_of(scrobble(50))
    assert cid_of(scrobble(50)) in {cid_text(cid) for cid in car.cids}
    assert len(car.cids) < 30


async def test_a_proof_shows_that_a_record_is_absent(target: Target):
    keys = rkeys(100)
    await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys) if i != 50))
    reply = await target.anyone.get("com.atproto.sync.getRecord", did=target.did, collection=SCROBBLE, rkey=keys[50])
    assert reply.status == 200
    car = Car(reply.raw)
    commit = car.commit(target.did, await target.signing_key())
    assert looked_up(car, commit.data, f"{SCROBBLE}/{keys[50]}") is None


async def test_a_new_account_is_listed_with_its_head(target: Target):
    other = await target.new_account()
    listed: dict[str, dict[str, Any]] = {}
    params: dict[str, Any] = {"limit": 1}
    while True:
        page = await target.anyone.ask("com.atproto.sync.listRepos", **params)
        assert len(page["repos"]) <= 1
        listed |= {repo["did"]: repo for repo in page["repos"]}
        if "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert {target.did, other.did} <= set(listed)
    head = await target.head()
    assert listed[target.did] == {"did": target.did, "head": head["cid"], "rev": head["rev"], "active": True}


async def test_a_repository_has_a_status(target: Target):
    head = await apply(target, create(rkeys(1)[0], scrobble(1)))
    status = await target.anyone.ask("com.atproto.sync.getRepoStatus", did=target.did)
    assert status == {"did": target.did, "active": True, "rev": head["rev"]}


@pytest.mark.parametrize("method", ["getRepo", "getLatestCommit", "getRepoStatus"])
async def test_an_unknown_repository_is_not_found(target: Target, method: str):
    reply = await target.anyone.get(f"com.atproto.sync.{method}", did=NOBODY)
    assert reply.status == 400
    assert reply.error == "RepoNotFound"


@pytest.mark.parametrize("method", ["getRepo", "getLatestCommit", "getRepoStatus", "getRecord"])
async def test_a_did_that_is_none_is_refused(target: Target, method: str):
    reply = await target.anyone.get(f"com.atproto.sync.{method}", did="nobody", collection=SCROBBLE, rkey="x")
    assert reply.status == 400
    assert reply.error == "InvalidRequest"
