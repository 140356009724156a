"""A full run with every kind of credential: afterwards none is in a log, in a column, in a file of the databases or in an export."""

from __future__ import annotations

import io
import json
import re
import secrets
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.consent import Visitor
from tests.support.oauth import CONFIDENTIAL, guest, oauth_server
from tests.support.secrets_used import SecretsUsed, all_that_is_kept, all_that_is_logged, tapped
from tonearm.identity.master_key import replace_master_key
from tonearm.services.credentials.key_rotation import RotationPlan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds
    from tests.support.server import Server

pytestmark = pytest.mark.needs_node

QUEUE = "app.tonearm.journal.getQueue"
CREATE = "app.rocksky.scrobble.createScrobble"
SESSION = "app.tonearm.session"
GUESS = "a guess that is almost right"


@dataclass
class Run:
    """The server, the PDS of others, and what has been used."""

    server: Server
    pds: RealPds
    used: SecretsUsed
    cookies: dict[str, str] = field(default_factory=dict)

    async def tell(self, nsid: str, body: Any = None, *, token: str | None = None) -> Any:
        status, answer = await self.server.tell(nsid, body, token=token)
        assert status == 200, answer
        self.used.add_named(nsid, answer)
        return answer

    async def refused(self, nsid: str, body: Any = None, *, token: str | None = None) -> None:
        """Errors are where secrets slip out."""
        if token is not None:
            self.used.add("a token that is none", token)
        self.used.add_named(nsid, body)
        status, answer = await self.server.tell(nsid, body, token=token)
        assert status >= 400, answer
        assert not self.used.found_in(json.dumps(answer).encode())

    async def browse(self, method: str, path: str, **given: Any) -> tuple[str, str]:
        """A browser's request; answers where it leads, and the page. Cookies are remembered, and are secrets."""
        headers = {"Origin": CONFIDENTIAL, "Sec-Fetch-Site": "same-origin", **given.pop("headers", {})}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = self.server.http.request(
            method, self.server.url + path, headers=headers, allow_redirects=False, **given
        )
        async with request as answer:
            text = await answer.text()
            assert answer.status < 400, text
            for set_cookie in answer.headers.getall("Set-Cookie", ()):
                name, _, value = set_cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
                if len(value) > 8:
                    self.used.add(f"cookie {name}", value)
            return answer.headers.get("Location", ""), text


async def a_local_account(run: Run) -> None:
    """Passwords, app passwords, sessions here and in the built-in PDS, API tokens, keys for players, a browser."""
    who, used, server = run.server.first, run.used, run.server
    used.add("password", who.password)
    used.add("API token", who.token)
    login = {"identifier": who.handle, "password": who.password}
    mine = await run.tell(f"{SESSION}.createSession", {**login, "label": "script"})
    used.add("refresh token", mine["refreshToken"])
    used.add("family of a refresh token", mine["refreshToken"].split(".")[1])
    used.add("turn of a refresh token", mine["refreshToken"].split(".")[2])
    await run.tell(CREATE, {"title": "Wow", "artist": "Kate Bush"}, token=mine["accessJwt"])
    await run.tell(CREATE, {"title": "Wuthering Heights", "artist": "Kate Bush"}, token=who.token)
    newer = await run.tell(f"{SESSION}.refreshSession", {"refreshToken": mine["refreshToken"]})
    used.add("refresh token", newer["refreshToken"])
    made = await run.tell("app.tonearm.token.createToken", {"label": "radio"}, token=who.token)
    await run.tell(CREATE, {"title": "Cloudbusting", "artist": "Kate Bush"}, token=made["token"])
    await run.tell("app.tonearm.token.revokeToken", {"id": made["view"]["id"]}, token=who.token)
    key = await run.tell("app.rocksky.apikey.createApikey", {"name": "player"}, token=who.token)
    used.add("api key", key["apiKey"])
    used.add("shared secret", key["sharedSecret"])
    assert await server.core.player_keys.by_api_key(key["apiKey"]) is not None
    session = await run.tell("com.atproto.server.createSession", login)
    app = await run.tell(
        "com.atproto.server.createAppPassword", {"name": secrets.token_hex(4)}, token=session["accessJwt"]
    )
    of_app = await run.tell("com.atproto.server.createSession", {**login, "password": app["password"]})
    await run.tell("com.atproto.server.refreshSession", token=of_app["refreshJwt"])
    await run.browse("POST", "/account/login/password", data={"name": who.name, "password": who.password})
    _, page = await run.browse("GET", "/account/tokens")
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    used.add("CSRF token", found[1])
    for nsid, body, token in (
        (f"{SESSION}.refreshSession", {"refreshToken": mine["refreshToken"]}, None),
        (f"{SESSION}.createSession", {**login, "password": GUESS}, None),
        ("com.atproto.server.createSession", {**login, "password": GUESS}, None),
        (CREATE, {"title": 1}, mine["accessJwt"]),
        (CREATE, {"title": "x", "artist": "y"}, made["token"]),
        (CREATE, {"title": "x", "artist": "y"}, f"tnrm_{secrets.token_urlsafe(32)}"),
        (CREATE, {"title": "x", "artist": "y"}, session["accessJwt"] + "A"),
        (CREATE, {"title": "x", "artist": "y"}, session["refreshJwt"]),
    ):
        await run.refused(nsid, body, token=token)


async def an_app_password(run: Run, account: RealAccount) -> None:
    """A session with a PDS elsewhere, made, used, refreshed."""
    used, server = run.used, run.server
    used.add("app password", account.app_password)
    used.add("password elsewhere", account.password)
    for password, good in (("wrong-wrong-wrong-wrong", False), (account.app_password, True)):
        used.add("password that was tried", password)
        body = {"handle": account.handle, "password": password}
        async with server.http.post(f"{server.url}/login", json=body) as answer:
            text = await answer.text()
            assert (answer.status == 200) == good, text
    login = {"identifier": account.handle, "password": account.app_password}
    mine = await run.tell(f"{SESSION}.createSession", login)
    used.add("refresh token", mine["refreshToken"])
    await run.refused(f"{SESSION}.createSession", {**login, "password": GUESS})
    token = text.removeprefix("jwt:")
    used.add("token of POST /login", token)
    await run.tell(CREATE, {"title": "Hello Earth", "artist": "Kate Bush"}, token=token)
    await server.drained()
    kept = await server.core.sessions.load(account.did)
    assert kept is not None
    await server.core.sessions.save(account.did, replace(kept, access_jwt="worn-out-access-token"))
    await run.tell(CREATE, {"title": "Running Up That Hill", "artist": "Kate Bush"}, token=token)
    await server.drained()
    renewed = await server.core.sessions.load(account.did)
    assert renewed is not None
    assert renewed.refresh_jwt != kept.refresh_jwt


async def oauth(run: Run) -> None:
    """A login with PAR, PKCE and DPoP as the confidential client; writes, a refresh, the end of the session."""
    listener = await guest(run.server, run.pds)
    run.used.add("API token", listener.token)
    await listener.scrobble("Cloudbusting")
    await run.server.drained()
    before = await listener.kept()
    await listener.spoil()
    await listener.scrobble("Babooshka")
    await run.server.drained()
    assert (await listener.kept()).refresh_token != before.refresh_token
    assert await listener.titles() == ["Babooshka", "Cloudbusting"]
    await run.server.core.oauth_sessions.end(listener.account.did)
    assert await listener.session() is None


async def oauth_of_a_rocksky_client(run: Run, account: RealAccount) -> None:
    """The binding of the browser, state, code, and the ticket for the token."""
    to_pds, _ = await run.browse("GET", f"/login?handle={account.handle}")
    back = await Visitor(run.pds.url).agree(to_pds, account)
    run.used.add("code", back["code"])
    run.used.add("state", back["state"])
    run.used.add_named("address of the PDS", dict(parse_qsl(urlsplit(to_pds).query)))
    await run.browse("GET", "/oauth/callback", params=back)
    _, answer = await run.browse("GET", "/token", headers={"session-did": account.did})
    run.used.add("token of GET /token", json.loads(answer)["token"])
    assert (await run.server.ask(QUEUE, token=json.loads(answer)["token"]))[0] == 200


async def service_tokens(run: Run, account: RealAccount) -> None:
    """Of a PDS elsewhere, for us; and of ours, for another."""
    login = {"identifier": account.handle, "password": account.password}
    async with run.server.http.post(f"{run.pds.url}/xrpc/com.atproto.server.createSession", json=login) as answer:
        session = (await answer.json())["accessJwt"]
    asked = {"aud": f"did:web:{urlsplit(CONFIDENTIAL).netloc}", "lxm": QUEUE}
    headers = {"Authorization": f"Bearer {session}"}
    where = f"{run.pds.url}/xrpc/com.atproto.server.getServiceAuth"
    async with run.server.http.get(where, params=asked, headers=headers) as answer:
        token = (await answer.json())["token"]
    run.used.add("service token", token)
    assert (await run.server.ask(QUEUE, token=token))[0] == 200
    assert (await run.server.ask(QUEUE, token=token))[0] == 401, "once"
    login = {"identifier": run.server.handle, "password": run.server.password}
    mine = await run.tell("com.atproto.server.createSession", login)
    status, made = await run.server.ask(
        "com.atproto.server.getServiceAuth", token=mine["accessJwt"], aud="did:web:elsewhere.example"
    )
    assert status == 200
    run.used.add("service token of ours", made["token"])


async def exports(run: Run, *dids: str) -> dict[str, bytes]:
    """What people are given of all that is held about them."""
    found = {}
    for did in dids:
        account = await run.server.core.accounts.named(did)
        pieces = [piece async for piece in run.server.core.lifecycle.export(account.actor_id)]
        with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
            found |= {f"export of {account.handle}: {name}": archive.read(name) for name in archive.namelist()}
    return found


async def another_master_key(run: Run) -> None:
    core, key = run.server.core, secrets.token_bytes(32)
    path = core.settings.master_key_path
    run.used.add("master key", bytes.fromhex(path.read_text()))
    run.used.add("new master key", key)
    plan = RotationPlan(key, None, lambda new: replace_master_key(path, new), everywhere=True)
    rotation = replace(core.key_rotation, wait_s=0.0)
    assert await rotation.rotate(plan, lambda what, done, total: None)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_no_credential_of_a_full_run_is_found_anywhere(
    database: str, real_pds: RealPds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"database": database, "public_url": CONFIDENTIAL, "handle_domain": "test", "log_level": "debug"}
    with tapped(monkeypatch) as used, all_that_is_logged() as told:
        async with oauth_server(real_pds, tmp_path, **settings) as server:
            run = Run(server, real_pds, used)
            await a_local_account(run)
            elsewhere = real_pds.create_account()
            await an_app_password(run, elsewhere)
            await service_tokens(run, elsewhere)
            await oauth(run)
            await oauth_of_a_rocksky_client(run, real_pds.create_account())
            await server.core.last_used.flush()
            await another_master_key(run)
            await a_local_account(run)
            kept = await all_that_is_kept(server.core) | await exports(run, server.did, elsewhere.did)
            assert used.found_in(server.core.settings.master_key_path.read_bytes()) == {"new master key"}
    everywhere = {**kept, "the logs": told.getvalue().encode()}
    assert_every_kind_was_used(used)
    for kind in ("table actor", "file"):
        assert any(server.did.encode() in text for name, text in kept.items() if name.startswith(kind)), kind
    assert "Tonearm" in told.getvalue(), "what is logged too"
    assert {where: what for where, text in everywhere.items() if (what := used.found_in(text))} == {}


def assert_every_kind_was_used(used: SecretsUsed) -> None:
    wanted = {
        *("password", "app password", "API token", "refresh token", "api key", "shared secret", "CSRF token"),
        *("service token", "code", "state", "master key", "new master key", "token of GET /token"),
        *("sealed pds_repo.signing_key", "sealed pds_repo.rotation_key", "sealed server_key", "sealed player_key"),
        *("sealed remote_login: access_jwt", "sealed remote_login: refresh_jwt"),
        *("sealed oauth_request: verifier", "sealed oauth_request: d", "sealed oauth_client_key: d"),
        *("sealed oauth_session: access_token", "sealed oauth_session: refresh_token", "sealed oauth_session: d"),
        *("sent: client_assertion", "sent: code_verifier", "sent: password", "sent DPoP", "sent Authorization"),
        *("answered: access_token", "answered: refresh_token", "answered: accessJwt"),
        *("cookie __Host-tonearm_session", "cookie __Host-tonearm_login"),
        *(f"{SESSION}.createSession: accessJwt", "com.atproto.server.createSession: refreshJwt"),
        "com.atproto.server.createAppPassword: password",
    }
    assert wanted - used.kinds == set()
