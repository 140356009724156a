"""Identities, handles and keys of the built-in PDS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.network.repo_oracles import read_frame
from tests.support.pds_sessions import write_of
from tonearm.atproto import did_plc
from tonearm.pds.builtin.errors import HandleError, KeysMissingError, RepoNotFoundError
from tonearm.pds.builtin.stream.frames import frame_of

if TYPE_CHECKING:
    from tests.support.builtin_pds import World
    from tonearm.pds.builtin.host import BuiltinPds


async def last_event(world: World) -> tuple[str, dict[str, object]]:
    (row,) = await world.rows("SELECT before_seq, seq, after_seq FROM pds_event ORDER BY seq DESC LIMIT 1")
    header, body = read_frame(frame_of(*row))
    return header["t"], body


async def test_an_identity_is_the_hash_of_its_signed_first_operation(pds: BuiltinPds, did: str) -> None:
    (operation,) = await pds.accounts.unsubmitted_operations()
    assert operation.did == did == did_plc.did_of(operation.operation)
    did_plc.verify_op(operation.operation)
    document = await pds.accounts.did_document(did)
    assert document["alsoKnownAs"] == ["at://alice.test"]
    assert document["service"][0]["serviceEndpoint"] == "http://127.0.0.1:8070"


async def test_an_account_is_found_by_did_and_by_handle_in_any_case(pds: BuiltinPds, did: str) -> None:
    for identifier in (did, "alice.test", "ALICE.test", "@alice.test"):
        repo = await pds.accounts.named(identifier)
        assert (repo.did, repo.handle) == (did, "alice.test")
    with pytest.raises(RepoNotFoundError):
        await pds.accounts.named("bob.test")


@pytest.mark.parametrize("handle", ["alice.test", "ALICE.TEST"])
async def test_a_handle_is_given_once(pds: BuiltinPds, world: World, did: str, handle: str) -> None:
    before = await world.everything()
    with pytest.raises(HandleError, match="taken"):
        await pds.create_repository(handle)
    assert await world.everything() == before
    assert len(await pds.reader.all_hosted(0, 10)) == 1


@pytest.mark.parametrize("handle", ["", "bob", "bob.example.com", "a.b.test", "bob!.test", ".test", f"{'x' * 64}.test"])
async def test_a_handle_is_one_label_under_a_domain_of_the_host(pds: BuiltinPds, handle: str) -> None:
    with pytest.raises(HandleError):
        await pds.create_repository(handle)


async def test_a_new_handle_is_a_signed_operation_and_an_event(pds: BuiltinPds, world: World, did: str) -> None:
    assert await pds.accounts.rename(did, "Carol.test") == "carol.test"
    assert await pds.accounts.find("alice.test") is None
    first, second = await pds.accounts.unsubmitted_operations()
    assert second.operation["prev"] == did_plc.operation_cid(first.operation)
    did_plc.verify_op(second.operation, first.operation["rotationKeys"])
    assert (await pds.accounts.did_document(did))["alsoKnownAs"] == ["at://carol.test"]
    kind, body = await last_event(world)
    assert (kind, body["did"], body["handle"]) == ("#identity", did, "carol.test")
    await pds.accounts.mark_submitted(first)
    assert await pds.accounts.unsubmitted_operations() == [second]


async def test_another_accounts_handle_cannot_be_taken(pds: BuiltinPds, did: str) -> None:
    await pds.create_repository("bob.test")
    with pytest.raises(HandleError, match="taken"):
        await pds.accounts.rename(did, "bob.test")
    assert len(await pds.accounts.unsubmitted_operations()) == 2


async def test_the_same_handle_again_changes_nothing(pds: BuiltinPds, world: World, did: str) -> None:
    before = await world.everything()
    await pds.accounts.rename(did, "alice.test")
    assert await world.everything() == before


async def test_a_new_public_url_moves_every_identity_once(pds: BuiltinPds, world: World, did: str) -> None:
    bob = await pds.create_repository("bob.test")
    moved = world.host(public_url="https://music.example/")
    await moved.start()
    for account in (did, bob):
        document = await moved.accounts.did_document(account)
        assert document["service"][0]["serviceEndpoint"] == "https://music.example"
    assert len(await moved.accounts.unsubmitted_operations()) == 4
    await moved.start()
    assert len(await moved.accounts.unsubmitted_operations()) == 4
    await moved.close()


async def test_keys_are_sealed_for_their_own_rows(pds: BuiltinPds, world: World, did: str) -> None:
    ((signing, rotation),) = await world.rows("SELECT signing_key, rotation_key FROM pds_repo")
    key = world.sealer.open(signing, f"pds_repo.signing_key:{did}")
    assert len(key) == 32
    assert key not in signing
    with pytest.raises(InvalidTag):
        world.sealer.open(rotation, f"pds_repo.signing_key:{did}")


@pytest.mark.parametrize("table", ["pds_repo", "pds_head"])
async def test_a_start_without_the_right_keys_or_heads_is_refused_and_changes_nothing(
    pds: BuiltinPds, world: World, did: str, table: str
) -> None:
    if table == "pds_repo":
        right, world.sealer.key = world.sealer.key, AESGCM.generate_key(256)
    else:
        await world.do("DELETE FROM pds_head")
    before = await world.everything()
    host = world.host()
    with pytest.raises(KeysMissingError, match=f"(?s)({did}.*{table}|{table}.*{did})"):
        await host.start()
    if table == "pds_repo":
        with pytest.raises(KeysMissingError, match="Restore"):
            await host.apply_writes(did, [write_of("x", {"$type": "app.rocksky.scrobble"})])
        assert await world.everything() == before
        world.sealer.key = right
        await host.start()
    await host.close()


async def test_a_start_over_an_empty_database_needs_nothing(world: World) -> None:
    host = world.host()
    await host.start()
    assert await host.reader.all_hosted(0, 10) == []
    await host.close()


async def test_a_status_must_be_one_that_is_known(pds: BuiltinPds, did: str) -> None:
    with pytest.raises(ValueError, match="active"):
        await pds.accounts.set_status(did, "asleep")


async def test_no_secret_shows_in_a_repr(pds: BuiltinPds, did: str) -> None:
    key = await pds._keys.signing_key(did)
    assert key.to_bytes().hex() not in repr(key)
    assert repr(key.to_bytes()) not in repr(pds.__dict__)
