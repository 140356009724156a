"""The login that everybody is honest in; each peer checks the proofs that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.dance import BROWSER, PAGE, dancing
from tests.support.hostile.authorization import METADATA, PAR, REVOKE, TOKEN
from tests.support.hostile.pds import APPLY_WRITES, RESOURCE
from tests.support.hostile.proofs import parts_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.oauth.dance import Dance
    from tests.support.hostile import HostileWorld

SONG = {"title": "Roygbiv", "artist": "Boards of Canada"}


@pytest.mark.parametrize("start", ["handle", "did", "pds", "authority"])
async def test_a_login_begins_with_a_handle_a_did_or_a_server(dance: Dance, start: str) -> None:
    rosa = dance.world.person("rosa")
    identifiers = {"handle": rosa.handle, "did": rosa.did, "pds": rosa.pds.origin}
    finished = await dance.log_in(identifiers.get(start, dance.world.authority.origin))
    assert (finished.account.did, finished.first, finished.purpose) == (rosa.did, True, PAGE)
    assert finished.account.pds_url == rosa.pds.origin
    assert [grant.sub for grant in dance.world.live] == [rosa.did]


async def test_a_did_web_account_logs_in(dance: Dance) -> None:
    rosa = dance.world.person("rosa", did=dance.world.directory.web_did)
    assert (await dance.log_in(rosa.handle)).account.did == rosa.did


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_a_play_reaches_the_repository_with_a_proof(world: HostileWorld, tmp_path: Path, database: str) -> None:
    async with dancing(tmp_path, world, database=database) as dance:
        rosa = dance.world.person("rosa")
        made = await dance.server.scrobble(await dance.listener(rosa), **SONG, timestamp=1_700_000_000)
        await dance.server.drained()
        assert dance.world.pds.records[made["uri"]]["title"] == "Roygbiv"
        assert dance.world.strange_pds.log == []


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_the_confidential_client_authenticates_with_the_key_it_publishes(
    world: HostileWorld, tmp_path: Path, database: str
) -> None:
    async with dancing(tmp_path, world, database=database, public_url="https://tonearm.example") as dance:
        rosa = world.person("rosa")
        finished = await dance.log_in(rosa.handle)
        assert finished.account.did == rosa.did
        (grant,) = world.live
        assert grant.asked.client_id == "https://tonearm.example/oauth-client-metadata.json"
        assert grant.asked.kid is not None
        grant.access_tokens.clear()
        await dance.server.scrobble(await dance.listener(rosa), **SONG, timestamp=1_700_000_000)
        await dance.server.drained()
        assert len(world.pds.records) > 0


async def test_the_second_login_finds_the_account_of_the_first(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    first = await dance.log_in(rosa.handle)
    again = await dance.log_in(rosa.did)
    assert (again.account.actor_id, again.first) == (first.account.actor_id, False)


async def test_the_session_that_a_new_login_replaces_is_revoked(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    await dance.log_in(rosa.handle)
    await dance.log_in(rosa.handle)
    await dance.world.authority.was_asked(REVOKE, 200)
    assert [grant.ended for grant in dance.world.authority.grants] == ["revoked", ""]


async def test_nothing_of_a_login_stands_in_the_database_in_clear(dance: Dance) -> None:
    rosa, saul = dance.world.person("rosa"), dance.world.person("saul")
    await dance.log_in(rosa.handle)
    query = await dance.come_back(saul.handle)
    stored = b"".join(path.read_bytes() for path in dance.server.core.settings.data_dir.glob("index.db*"))
    secrets = {*dance.secrets(), *query.values(), BROWSER} - {dance.world.authority.origin}
    assert len(secrets) > 6
    assert not [secret for secret in secrets if secret.encode() in stored]


async def test_each_login_has_a_key_a_state_and_a_verifier_of_its_own(dance: Dance) -> None:
    for name in ("rosa", "saul"):
        await dance.log_in(dance.world.person(name).handle)
    pushed = [seen for seen in dance.world.authority.asked(PAR) if seen.status == 201]
    keys = [parts_of(seen.headers["DPoP"])[0]["jwk"]["x"] for seen in pushed]
    for values in (keys, *([seen.form[name] for seen in pushed] for name in ("state", "code_challenge"))):
        assert len(set(values)) == 2


async def test_only_what_the_server_writes_is_asked_for(dance: Dance) -> None:
    await dance.log_in(dance.world.person("rosa").handle)
    scopes = dance.world.authority.grants[0].scope.split()
    assert scopes[0] == "atproto"
    for scope in scopes[1:]:
        assert scope.startswith(("repo:app.rocksky.", "repo?collection=app.rocksky.", "blob:image/", "include:")), scope
        assert "*" not in scope.partition("blob:")[0]


async def test_the_browser_is_sent_with_nothing_but_the_request(dance: Dance) -> None:
    url = await dance.begin(dance.world.person("rosa").handle)
    assert url.startswith(dance.world.authority.origin + "/oauth/authorize?")
    assert dance.world.complaints == []
    assert "rosa" not in url


async def test_each_server_gets_its_own_nonces(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    await dance.server.scrobble(await dance.listener(rosa), **SONG, timestamp=1_700_000_000)
    await dance.server.drained()
    handed = {"pds": dance.world.pds.nonces.handed_out, "authority": dance.world.authority.nonces.handed_out}
    seen = {"pds": dance.world.pds.asked(APPLY_WRITES), "authority": dance.world.authority.asked(TOKEN)}
    for name, requests in seen.items():
        nonces = {parts_of(request.headers["DPoP"])[1].get("nonce") for request in requests} - {None}
        assert nonces <= handed[name]
        assert nonces


async def test_the_metadata_is_asked_for_anew_at_the_callback(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    query = await dance.come_back(rosa.handle)
    asked = len(dance.world.directory.asked(f"/{rosa.did}")), len(dance.world.pds.asked(RESOURCE))
    await dance.finish(query)
    assert len(dance.world.directory.asked(f"/{rosa.did}")) > asked[0]
    assert len(dance.world.pds.asked(RESOURCE)) > asked[1]
    assert len(dance.world.authority.asked(METADATA)) > 0
