"""Rocksky's own routes, as its clients call them: tokens, player keys, profile, logins by password, the token."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.browser_pages import page_browser
from tests.support.server import PASSWORD, Person, Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FRONT_END = "https://rocksky.example"
PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}


async def call(
    server: Server, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
) -> tuple[int, Any]:
    """Call a route; answers status and JSON, or text."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    given = {} if body is None else {"json": body}
    async with server.http.request(method, server.url + path, headers=sent, allow_redirects=False, **given) as answer:
        is_json = answer.content_type == "application/json"
        return answer.status, await (answer.json() if is_json else answer.text())


async def test_a_password_login_answers_a_token_that_scrobbles(server: Server):
    status, text = await call(server, "POST", "/login", {"handle": server.handle, "password": PASSWORD})
    assert status == 200
    assert text.startswith("jwt:")
    token = text.removeprefix("jwt:")
    assert (await server.tell("app.rocksky.scrobble.createScrobble", PLAY, token=token))[0] == 200
    status, profile = await call(server, "GET", "/profile", token=token)
    assert (status, profile["did"], profile["handle"]) == (200, server.did, server.handle)
    assert profile["displayName"] == server.handle
    assert (profile["spotifyConnected"], profile["googledrive"], profile["dropbox"]) == (False, None, None)


async def test_a_wrong_password_is_told_in_text_and_logs_nobody_in(server: Server):
    status, text = await call(server, "POST", "/login", {"handle": server.handle, "password": "not it at all"})
    assert (status, text) == (401, "The name or the password is wrong.")


async def test_wrong_passwords_count_against_one_limit_whichever_way_they_come(server: Server):
    who = await server.create_account()
    for n in range(5):
        assert (await call(server, "POST", "/login", {"handle": who.handle, "password": f"wrong{n}"}))[0] == 401
        status, _ = await server.tell(
            "com.atproto.server.createSession", {"identifier": who.handle, "password": f"wrong{n}"}
        )
        assert status == 401
    status, text = await call(server, "POST", "/login", {"handle": who.handle, "password": PASSWORD})
    assert status == 429
    assert text.startswith("Too many wrong passwords: try again in ")


async def test_a_local_account_signs_in_on_our_page_and_comes_back_to_the_client(server: Server):
    status, url = await call(server, "POST", "/login", {"handle": server.handle, "cli": True})
    assert (status, url) == (200, f"{server.url}/login/authorize?handle={server.handle}&cli=1")
    async with page_browser(server) as browser:
        form = await browser.get(url.removeprefix(server.url))
        assert form.path == "/account/login?return_to=/login/finish?cli%3D1"
        fields = {"name": server.handle, "password": PASSWORD, "return_to": "/login/finish?cli=1"}
        page = await browser.post("/account/login/password", fields)
        assert page.path == f"/login/cli?did={server.did}&cli=1"
        assert f'data-did="{server.did}"' in page.text
        async with browser.http.get(f"{server.url}/token", headers={"session-did": server.did}) as answer:
            token = (await answer.json())["token"]
    assert (await call(server, "GET", "/profile", token=token))[1]["did"] == server.did
    tokens = await server.core.api_tokens.tokens(server.first.actor_id)
    [lives] = [t.expires_at - t.created_at for t in tokens if t.label == "Rocksky command line" and t.expires_at]
    assert lives.days == 365


async def test_a_link_on_another_site_signs_nobody_in(sqlite_server: Server):
    async with page_browser(sqlite_server) as browser:
        await browser.log_in(sqlite_server.first)
        for path in ("/login?handle=mallory.example", "/login/authorize?handle=mallory.example", "/login/finish"):
            headers = {"Sec-Fetch-Site": "cross-site", "Referer": "https://evil.example/"}
            url = sqlite_server.url + path
            async with browser.http.get(url, headers=headers, allow_redirects=False) as answer:
                assert answer.headers["Location"] in {"/account/login", "/"}, path
                assert "tonearm_ticket" not in answer.cookies


async def test_a_browser_without_a_handle_gets_the_page(sqlite_server: Server):
    async with page_browser(sqlite_server) as browser:
        assert (await browser.get("/login")).path == "/account/login"
        page = await browser.get("/login?handle=@")
        assert (page.status, page.path) == (200, "/account/login")


async def test_a_client_that_sends_the_word_null_is_nobody(sqlite_server: Server):
    assert (await sqlite_server.ask("app.rocksky.scrobble.getScrobbles", token="null"))[0] == 200
    status, answer = await sqlite_server.ask("app.tonearm.journal.getQueue", token="null")
    assert (status, answer["error"]) == (401, "AuthenticationRequired")
    assert (await call(sqlite_server, "GET", "/profile", token="null"))[0] == 401


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Handle is missing"),
        ({"handle": " @ "}, "Handle is missing"),
        ({"handle": 5}, "Handle must be a text"),
        ({"handle": "a.test", "password": ["x"]}, "Password must be a text"),
        ({"handle": "a.test", "password": "x" * 2000}, "Password has at most 1024"),
        ({"handle": "a.test", "cli": "yes"}, "Cli must be true or false"),
        (["handle"], "The body must be a JSON object"),
    ],
)
async def test_a_login_that_makes_no_sense_is_told_why(sqlite_server: Server, body: Any, told: str):
    status, text = await call(sqlite_server, "POST", "/login", body)
    assert status == 400
    assert text.startswith(told)


async def test_a_form_of_another_site_is_no_login(sqlite_server: Server):
    async with sqlite_server.http.post(
        f"{sqlite_server.url}/login", data='{"handle": "alice.test"}', headers={"Content-Type": "text/plain"}
    ) as answer:
        assert (answer.status, await answer.text()) == (
            400,
            "Send a JSON object, with Content-Type: application/json.",
        )


async def test_access_tokens_are_shown_once_and_revoked(server: Server):
    status, made = await call(server, "POST", "/access-tokens", {"name": "  phone  "}, token=server.token)
    assert (status, made["name"]) == (200, "phone")
    assert made["token"].endswith(made["lastFour"])
    assert (await call(server, "GET", "/profile", token=made["token"]))[0] == 200
    status, listed = await call(server, "GET", "/access-tokens", token=server.token)
    assert status == 200
    assert [row["name"] for row in listed] == ["phone", "test"]
    assert made["token"] not in str(listed)
    assert "token" not in listed[0]
    status, listed = await call(server, "GET", "/access-tokens?size=1&offset=1", token=server.token)
    assert [row["name"] for row in listed] == ["test"]
    assert await call(server, "DELETE", f"/access-tokens/{made['id']}", token=server.token) == (200, {"success": True})
    assert (await call(server, "GET", "/profile", token=made["token"]))[0] == 401
    status, answer = await call(server, "DELETE", f"/access-tokens/{made['id']}", token=server.token)
    assert (status, answer["error"]) == (404, "NotFound")


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 121, 7])
async def test_an_access_token_needs_a_name_of_at_most_120_characters(sqlite_server: Server, name: Any):
    status, answer = await call(sqlite_server, "POST", "/access-tokens", {"name": name}, token=sqlite_server.token)
    assert (status, answer["error"]) == (400, "InvalidRequest")
    assert "name" in answer["message"]
    assert (await call(sqlite_server, "POST", "/access-tokens", {"name": "x" * 120}, token=sqlite_server.token))[
        0
    ] == 200


async def test_player_keys_are_made_listed_changed_and_removed(server: Server):
    status, made = await call(server, "POST", "/apikeys", {"name": "mpd", "description": "attic"}, token=server.token)
    assert status == 200
    assert set(made) == {"id", "name", "description", "enabled", "api_key", "shared_secret"}
    assert len(made["api_key"]) == len(made["shared_secret"]) == 32
    status, changed = await call(
        server, "PUT", f"/apikeys/{made['id']}", {"name": "mpd2", "enabled": False}, token=server.token
    )
    assert (status, changed) == (200, {**made, "name": "mpd2", "enabled": False})
    status, listed = await call(server, "GET", "/apikeys?size=20&offset=0", token=server.token)
    assert [(row["name"], row["apiKey"], row["enabled"]) for row in listed] == [("mpd2", made["api_key"], False)]
    assert await call(server, "DELETE", f"/apikeys/{made['id']}", token=server.token) == (200, {"success": True})
    assert await call(server, "GET", "/apikeys", token=server.token) == (200, [])
    for method, body in (("PUT", {"name": "x"}), ("DELETE", None)):
        status, answer = await call(server, method, f"/apikeys/{made['id']}", body, token=server.token)
        assert (status, answer["error"]) == (404, "NotFound"), method


async def test_a_change_of_a_key_reaches_name_description_and_enabled_alone(server: Server):
    other = await server.create_account()
    _, made = await call(server, "POST", "/apikeys", {"name": "mpd"}, token=server.token)
    greedy = {
        "name": "new",
        "userId": other.actor_id,
        "actor_id": other.actor_id,
        "apiKey": "0" * 32,
        "api_key": "0" * 32,
        "sharedSecret": "0" * 32,
        "shared_secret": "0" * 32,
        "id": "other",
        "createdAt": "1970-01-01T00:00:00Z",
    }
    status, changed = await call(server, "PUT", f"/apikeys/{made['id']}", greedy, token=server.token)
    assert (status, changed) == (200, {**made, "name": "new"})
    assert (await call(server, "GET", "/apikeys", token=other.token))[1] == []


async def test_keys_and_tokens_of_others_are_not_there(server: Server):
    other = await server.create_account()
    _, key = await call(server, "POST", "/apikeys", {"name": "mine"}, token=server.token)
    _, token = await call(server, "POST", "/access-tokens", {"name": "mine"}, token=server.token)
    for method, path, body in (
        ("PUT", f"/apikeys/{key['id']}", {"enabled": False}),
        ("DELETE", f"/apikeys/{key['id']}", None),
        ("DELETE", f"/access-tokens/{token['id']}", None),
    ):
        assert (await call(server, method, path, body, token=other.token))[0] == 404, path
    assert (await call(server, "GET", "/apikeys", token=other.token))[1] == []
    assert [row["name"] for row in (await call(server, "GET", "/access-tokens", token=other.token))[1]] == ["test"]
    assert (await call(server, "GET", "/apikeys", token=server.token))[1][0]["enabled"] is True


async def test_a_token_without_the_scope_manage_sees_the_profile_alone(server: Server):
    weak = await server.core.api_tokens.create(server.first.actor_id, "weak", ["read"])
    assert (await call(server, "GET", "/profile", token=weak))[0] == 200
    for path in ("/access-tokens", "/apikeys"):
        status, answer = await call(server, "GET", path, token=weak)
        assert (status, answer["error"]) == (403, "Forbidden"), path


async def with_ticket(server: Server, who: Person, *, cli: bool = False) -> dict[str, str]:
    return {"Cookie": f"tonearm_ticket={await server.core.client_logins.ticket(who.actor_id, cli=cli)}"}


async def test_the_token_goes_to_the_browser_that_logged_in_and_once(server: Server):
    headers = await with_ticket(server, server.first)
    status, answer = await call(server, "GET", "/token", session_did=server.did)
    assert (status, answer["error"]) == (401, "AuthenticationRequired")
    assert (await call(server, "HEAD", "/token", session_did=server.did, **headers))[0] == 400
    status, answer = await call(server, "GET", "/token", session_did=server.did, **headers)
    assert status == 200
    assert (await call(server, "GET", "/profile", token=answer["token"]))[1]["did"] == server.did
    status, answer = await call(server, "GET", "/token", session_did=server.did, **headers)
    assert (status, answer["error"]) == (401, "AuthenticationRequired")


async def test_a_ticket_is_for_the_did_that_logged_in(server: Server):
    other = await server.create_account()
    headers = await with_ticket(server, other)
    for did in (server.did, "", other.handle):
        assert (await call(server, "GET", "/token", session_did=did, **headers))[0] == 401, did


async def test_a_ticket_is_good_for_a_minute(sqlite_server: Server, monkeypatch: pytest.MonkeyPatch):
    logins = sqlite_server.core.client_logins
    headers = await with_ticket(sqlite_server, sqlite_server.first)
    later = [61.0]
    now = logins.now
    object.__setattr__(logins, "now", lambda: now() + later[0])
    try:
        assert (await call(sqlite_server, "GET", "/token", session_did=sqlite_server.did, **headers))[0] == 401
    finally:
        object.__setattr__(logins, "now", now)


async def test_two_who_bring_one_ticket_at_once_get_one_token(server: Server):
    headers = await with_ticket(server, server.first)
    answers = await asyncio.gather(
        *(call(server, "GET", "/token", session_did=server.did, **headers) for _ in range(5))
    )
    assert sorted(status for status, _ in answers) == [200, 401, 401, 401, 401]


async def test_a_clients_token_ends_by_itself_and_old_logins_make_room(server: Server):
    logins = server.core.client_logins
    made = [await logins.token(server.first.actor_id, cli=False) for _ in range(22)]
    tokens = await server.core.api_tokens.tokens(server.first.actor_id)
    of_client = [token for token in tokens if token.label == "Rocksky web client"]
    assert len(of_client) == 20
    lives = {(token.expires_at - token.created_at).days for token in of_client if token.expires_at}
    assert lives == {7}
    assert (await call(server, "GET", "/profile", token=made[0]))[0] == 401
    assert (await call(server, "GET", "/profile", token=made[-1]))[0] == 200


@pytest.fixture
async def sqlite_server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path) as running:
        yield running
