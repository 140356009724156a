"""The whole table of methods and routes, walked as nobody, as somebody else, with each credential and as each role."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.contract.route_tables import METHODS, OWN, OWN_ROUTES, PUBLIC, ROUTES
from tests.support.server import PASSWORD, Person, Server, running_server
from tonearm.edges import build_web
from tonearm.lexicons.router import Router
from tonearm.web.routes import WEB_ROUTES
from tonearm.web.security import csrf_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPES = ("read", "scrobble", "manage")
ROLES = ("none", "operator", "administrator")
KINDS = {nsid: kind for nsid, (kind, _module) in Router.METHODS.items()}
SPENT = frozenset(
    {
        "app.tonearm.account.deactivate",
        "app.tonearm.session.revokeSession",
        "com.atproto.server.deleteSession",
        "com.atproto.server.refreshSession",
        "/account/logout",
        "/account/deactivate",
    }
)
"""After a call of these, though it has no input, the credential is good no longer."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Its outbox works when a test says so, so that there is something in a queue."""
    async with running_server(tmp_path_factory.mktemp("routes"), outbox=False) as running:
        yield running


def needs_of(nsid: str) -> tuple[str, str]:
    """(scope, role) of a method that is not for anyone."""
    scope, _, role = METHODS[nsid].partition(" ")
    return scope, role


async def call(server: Server, nsid: str, token: str | None, given: dict[str, Any] | None = None) -> tuple[int, str]:
    """Call a method, without input unless some is given; answers status and error."""
    if KINDS[nsid] == "procedure":
        status, answer = await server.tell(nsid, given, token=token)
    else:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with server.http.get(f"{server.url}/xrpc/{nsid}", params=given or {}, headers=headers) as response:
            status = response.status
            answer = await response.json() if response.content_type == "application/json" else {}
    return status, (answer or {}).get("error", "") if status != 200 else ""


def is_let_in(status: int, error: str) -> bool:
    return not (status == 403 or (status == 401 and error in {"AuthenticationRequired", "InvalidToken"}))


# Nothing is in the table that nobody decided on.


async def test_every_method_is_in_the_table_with_its_need(server: Server) -> None:
    slots = {slot.nsid: slot.access for slot in server.router._slots.values()}
    found = {
        nsid: "anyone" if access.anonymous else " ".join(filter(None, (access.scope, access.role)))
        for nsid, access in slots.items()
    }
    assert found == METHODS


async def test_every_route_is_in_the_table_with_its_need(server: Server) -> None:
    app, _ = build_web(server.core)
    found = {
        (route.method, route.path): f"token {route.scope}" if route.access == "token" else route.access
        for route in app[WEB_ROUTES]
    }
    assert found == ROUTES
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    assert {(method, path) for method, path in served if method != "HEAD"} == {*ROUTES, ("*", "/xrpc/{nsid}")}
    assert {("GET", path) for method, path in served if method == "HEAD"} <= set(ROUTES)


# Methods.


async def test_nobody_reaches_a_method_that_is_not_for_anyone(server: Server) -> None:
    for nsid in METHODS:
        status, error = await call(server, nsid, None)
        if nsid in PUBLIC:
            assert is_let_in(status, error) or error == "AuthenticationRequired", nsid
        else:
            assert (status, error) == (401, "AuthenticationRequired"), nsid


@dataclass
class Credential:
    """A kind of credential: what it may do, and how to get one."""

    scopes: frozenset[str]
    make: Callable[[Server], Any]


async def with_token(server: Server, *scopes: str, role: str = "none") -> str:
    made = await server.core.accounts.create_local(server.core.pds, f"t{secrets.token_hex(5)}", None, role=role)
    return await server.core.api_tokens.create(made.actor_id, "walk", scopes)


async def with_access_jwt(server: Server) -> str:
    made = await server.core.accounts.create_local(server.core.pds, f"t{secrets.token_hex(5)}", None)
    return (await server.core.logins.open_app(made.actor_id, label="walk", scopes=SCOPES)).access_jwt


async def with_session(server: Server, kind: str) -> str:
    who = await server.create_account()
    sessions = server.core.pds.sessions
    login = await sessions.open(who.handle, PASSWORD, secrets.token_hex(4))
    if kind == "app password":
        repo = await server.core.pds.accounts.named(who.did)
        _, password = await sessions.app_passwords.create(repo, "walk", sessions.now_micros(), privileged=False)
        login = await sessions.open(who.handle, password, secrets.token_hex(4))
    return login.refresh_jwt if kind == "refresh" else login.access_jwt


CREDENTIALS = {
    "a token to read": Credential(frozenset({"read"}), lambda server: with_token(server, "read")),
    "a token to scrobble": Credential(frozenset({"scrobble"}), lambda server: with_token(server, "scrobble")),
    "a token to manage": Credential(frozenset({"manage"}), lambda server: with_token(server, "manage")),
    "an app's session": Credential(frozenset(SCOPES), with_access_jwt),
    "a session by password": Credential(
        frozenset({"repo", "account", *SCOPES}), lambda server: with_session(server, "password")
    ),
    "a session by app password": Credential(
        frozenset({"repo", "read", "scrobble"}), lambda server: with_session(server, "app password")
    ),
    "a refresh token": Credential(frozenset({"refresh"}), lambda server: with_session(server, "refresh")),
}


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_a_credential_opens_what_its_scopes_name_and_no_more(server: Server, name: str) -> None:
    kind = CREDENTIALS[name]
    token = await kind.make(server)
    for nsid in sorted(METHODS, key=lambda nsid: nsid in SPENT):
        if nsid in PUBLIC:
            continue
        scope, role = needs_of(nsid)
        status, error = await call(server, nsid, token)
        if scope in kind.scopes and not role:
            assert is_let_in(status, error), (nsid, status, error)
            token = await kind.make(server) if nsid in SPENT else token
        else:
            assert (status, error) == (403, "Forbidden"), (nsid, status)


async def test_a_refresh_token_is_no_credential_elsewhere(server: Server) -> None:
    token = await with_session(server, "refresh")
    for nsid in PUBLIC:
        if KINDS[nsid] == "subscription":  # takes no credential at all
            continue
        status, error = await call(server, nsid, token)
        assert not is_let_in(status, error), nsid


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_what_names_it_and_no_more(server: Server, role: str) -> None:
    token = await with_token(server, *SCOPES, role=role)
    for nsid in METHODS:
        if nsid in PUBLIC or not needs_of(nsid)[1]:
            continue
        status, error = await call(server, nsid, token)
        assert is_let_in(status, error) == (needs_of(nsid)[1] == role), (nsid, status, error)


async def test_a_role_does_not_make_up_for_a_scope(server: Server) -> None:
    token = await with_token(server, "read", role="administrator")
    for nsid in METHODS:
        if nsid not in PUBLIC and needs_of(nsid)[0] != "read":
            assert await call(server, nsid, token) == (403, "Forbidden"), nsid


# Somebody else's identifiers.


@dataclass
class Belongings:
    """Somebody with one of everything, and its identifiers."""

    who: Person
    token_id: str
    key_id: str
    session_id: str
    record: str
    entry_id: str


async def belongings(server: Server) -> Belongings:
    who = await server.create_account()
    [token] = await server.core.api_tokens.tokens(who.actor_id)
    key = await server.core.player_keys.create(who.actor_id, "player")
    await server.core.logins.open_app(who.actor_id, label="app", scopes=SCOPES)
    [session] = await server.core.logins.sessions(who.actor_id)
    made = await server.scrobble(who, title="Wow", artist="Kate Bush", timestamp=1_700_000_000)
    await server.core.outbox.drain()
    await server.scrobble(who, title="Breathing", artist="Kate Bush", timestamp=1_700_001_000)
    _, queue = await server.ask("app.tonearm.journal.getQueue", token=who.token)
    login = await server.core.pds.sessions.open(who.handle, PASSWORD, secrets.token_hex(4))
    await server.tell("com.atproto.server.createAppPassword", {"name": "player"}, token=login.access_jwt)
    return Belongings(
        who, token.token_id, key.key_id, session.session_id, made["uri"].rsplit("/", 1)[1], queue["entries"][0]["id"]
    )


async def everything_of(server: Server, who: Person) -> list[Any]:
    """All that somebody else could have changed."""
    core = server.core
    repo = await core.pds.accounts.named(who.did)
    tokens, sessions = await core.api_tokens.tokens(who.actor_id), await core.logins.sessions(who.actor_id)
    return [
        [dataclasses.replace(token, last_used_at=None) for token in tokens],
        await core.player_keys.list(who.actor_id),
        [dataclasses.replace(session, last_used_at=None) for session in sessions],
        await server.ask("app.tonearm.journal.getQueue", token=who.token),
        await core.pds.sessions.app_passwords.all_of(repo),
        await core.accounts.named(who.did),
        repo,
        {name: await server.records(f"app.rocksky.{name}", who) for name in ("scrobble", "song", "artist", "album")},
    ]


def foreign_calls(of: Belongings) -> dict[str, dict[str, Any]]:
    """What somebody else says to a method about these belongings, by NSID."""
    repo = {"repo": of.who.did, "collection": "app.rocksky.scrobble"}
    record = {"$type": "app.rocksky.scrobble", "title": "x"}
    write = {"$type": "com.atproto.repo.applyWrites#delete", "collection": repo["collection"], "rkey": of.record}
    return {
        "app.rocksky.apikey.removeApikey": {"id": of.key_id},
        "app.rocksky.apikey.updateApikey": {"id": of.key_id, "name": "mine now"},
        "app.tonearm.account.deactivate": {"account": of.who.did},
        "app.tonearm.account.export": {"account": of.who.did},
        "app.tonearm.account.getAccount": {"account": of.who.did},
        "app.tonearm.account.listAccounts": {},
        "app.tonearm.account.reactivate": {"account": of.who.did},
        "app.tonearm.account.requestDelete": {"did": of.who.did, "records": "delete"},
        "app.tonearm.account.updateRole": {"account": of.who.did, "role": "none"},
        "app.tonearm.journal.discardEntry": {"id": of.entry_id},
        "app.tonearm.journal.editEntry": {"id": of.entry_id, "title": "x"},
        "app.tonearm.journal.retryEntry": {"id": of.entry_id},
        "app.tonearm.move.linkAccount": {"identifier": of.who.handle, "password": "not theirs"},
        "app.tonearm.session.revokeSession": {"id": of.session_id},
        "app.tonearm.token.revokeToken": {"id": of.token_id},
        "com.atproto.identity.updateHandle": {"handle": of.who.handle},
        "com.atproto.repo.applyWrites": {"repo": of.who.did, "writes": [write]},
        "com.atproto.repo.createRecord": {**repo, "record": record},
        "com.atproto.repo.deleteRecord": {**repo, "rkey": of.record},
        "com.atproto.repo.putRecord": {**repo, "rkey": of.record, "record": record},
        "com.atproto.server.revokeAppPassword": {"name": "player"},
    }


async def test_nobody_elses_belongings_are_reached_by_any_method(server: Server) -> None:
    alice = await belongings(server)
    calls = foreign_calls(alice)
    assert set(calls) | OWN == set(METHODS) - PUBLIC, "say what another's identifier does to each method"
    assert not set(calls) & OWN
    before = await everything_of(server, alice.who)
    for nsid, given in calls.items():
        status, error = await call(server, nsid, await with_session(server, "password"), given)
        if nsid != "com.atproto.server.revokeAppPassword":  # of the caller's own it removes what is not there
            assert 400 <= status < 500, (nsid, status, error)
        assert status != 500, nsid
        assert await everything_of(server, alice.who) == before, nsid


async def test_strangers_can_do_nothing_that_grants_a_role(server: Server) -> None:
    token = await with_session(server, "password")
    did = (await server.ask("com.atproto.server.getSession", token=token))[1]["did"]
    for role in ROLES[1:]:
        given = {"account": did, "role": role}
        assert await call(server, "app.tonearm.account.updateRole", token, given) == (403, "Forbidden")
    assert (await server.core.accounts.named(did)).role == "none"


# Pages and other routes.


async def visit(
    server: Server, method: str, path: str, form: dict[str, str] | None = None, **headers: str
) -> tuple[int, str]:
    """Ask for a page as a browser does; answers the status, and where it leads."""
    sent = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": server.url}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    url = server.url + path.replace("{token_id}", "0" * 16).replace("{key_id}", "0" * 16)
    async with server.http.request(method, url, data=form, headers=sent, allow_redirects=False) as answer:
        return answer.status, urlsplit(answer.headers.get("Location", "")).path


async def signed_in(server: Server, who: Person) -> tuple[str, str]:
    """(cookie, token for forms) of a browser that is logged in."""
    cookie = await server.core.logins.open_browser(who.actor_id, agent="walk", address="here")
    session = await server.core.logins.browser(cookie)
    assert session is not None
    return f"tonearm_session={cookie}", csrf_token(session)


async def test_nobody_reaches_a_page_that_is_not_for_anyone(server: Server) -> None:
    for (method, path), need in ROUTES.items():
        status, leads_to = await visit(server, method, path, {} if method == "POST" else None)
        if need == "anyone":
            assert status != 403, path
            assert status != 401 or path == "/token", path
        elif need.startswith("token"):
            assert status == 401, path
        else:
            assert (status, leads_to) == (303, "/account/login"), path


async def test_a_browsers_session_opens_pages_and_no_route_for_programs(server: Server) -> None:
    who = await server.create_account()
    cookie, csrf = await signed_in(server, who)
    for method, path in sorted(ROUTES, key=lambda route: route[1] in SPENT):
        need = ROUTES[method, path]
        if need == "anyone":
            continue
        status, _ = await visit(server, method, path, {"csrf": csrf} if method == "POST" else None, Cookie=cookie)
        if need == "signed-in":
            assert status not in {401, 403}, path
        else:
            assert status == 401, path
        if path in SPENT:
            who = await server.create_account()
            cookie, csrf = await signed_in(server, who)


async def test_a_form_without_this_sessions_token_or_of_another_site_does_nothing(server: Server) -> None:
    who, other = await server.create_account(), await server.create_account()
    cookie, csrf = await signed_in(server, who)
    _, others = await signed_in(server, other)
    for (method, path), need in ROUTES.items():
        if method != "POST" or need != "signed-in":
            continue
        for form, site in (({}, server.url), ({"csrf": others}, server.url), ({"csrf": csrf}, "https://evil.example")):
            crossing = {} if site == server.url else {"Sec_Fetch_Site": "cross-site", "Origin": site}
            status, _ = await visit(server, method, path, form, Cookie=cookie, **crossing)
            assert status == 403, path


async def test_a_token_opens_routes_for_programs_by_its_scope_and_no_page(server: Server) -> None:
    for scope in SCOPES:
        headers = {"Authorization": f"Bearer {await with_token(server, scope)}"}
        for (method, path), need in ROUTES.items():
            if need == "anyone":
                continue
            status, leads_to = await visit(server, method, path, {} if method == "POST" else None, **headers)
            if need == f"token {scope}":
                assert status not in {401, 403}, path
            elif need.startswith("token"):
                assert status == 403, path
            else:
                assert (status, leads_to) == (303, "/account/login"), path


async def test_nobody_elses_belongings_are_reached_by_any_route(server: Server) -> None:
    alice = await belongings(server)
    bob = await server.create_account()
    cookie, csrf = await signed_in(server, bob)
    forms = {
        ("POST", "/account/tokens/revoke"): {"token_id": alice.token_id},
        ("POST", "/account/keys/remove"): {"key_id": alice.key_id},
        ("POST", "/account/sessions/end"): {"session_id": alice.session_id},
    }
    paths = {
        ("DELETE", "/access-tokens/{token_id}"): f"/access-tokens/{alice.token_id}",
        ("PUT", "/apikeys/{key_id}"): f"/apikeys/{alice.key_id}",
        ("DELETE", "/apikeys/{key_id}"): f"/apikeys/{alice.key_id}",
    }
    listed = {route for route, need in ROUTES.items() if need != "anyone"}
    assert {*forms, *paths} | OWN_ROUTES == listed, "say what another's identifier does to each route"
    before = await everything_of(server, alice.who)
    for (method, path), form in forms.items():
        await visit(server, method, path, {"csrf": csrf, **form}, Cookie=cookie)
        assert await everything_of(server, alice.who) == before, path
    for (method, _), path in paths.items():
        headers = {"Authorization": f"Bearer {bob.token}"}
        body = {"enabled": False} if method == "PUT" else None
        async with server.http.request(method, server.url + path, json=body, headers=headers) as answer:
            assert answer.status == 404, path
        assert await everything_of(server, alice.who) == before, path
