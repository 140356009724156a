"""Scopes are parsed and asked, never compared as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.identity.oauth.scopes import Scope, ScopeError, Scopes, expand, write_scopes
from tonearm.lexicons.app.rocksky.auth_scrobbling import PERMISSIONS
from tonearm.services.records import COLLECTIONS
from tonearm.xrpc.permissions import Permission, PermissionSet

SCROBBLE, LIKE = "app.rocksky.scrobble", "app.rocksky.like"


@pytest.mark.parametrize(
    "spelling",
    [
        "repo:app.rocksky.scrobble",
        "repo?collection=app.rocksky.scrobble",
        "repo:app.rocksky%2Escrobble",
        "repo?collection=app.rocksky.scrobble&action=create&action=update&action=delete",
        "repo?action=delete&collection=app.rocksky.like&collection=app.rocksky.scrobble&action=update&action=create",
        "repo:*",
        "repo?collection=*",
        "transition:generic",
    ],
)
def test_every_spelling_of_a_permission_permits(spelling: str) -> None:
    granted = Scopes.parse(f"rpc:app.rocksky.feed.get?aud=* {spelling} atproto")
    assert granted.is_atproto
    assert granted.missing([SCROBBLE]) == []


@pytest.mark.parametrize(
    "scope",
    [
        "repo:app.rocksky.scrobble?action=create",
        "repo:app.rocksky.scrobbles",
        "repo:app.rocksky.*",
        "repo:*.scrobble",
        "repo:app.rocksky.scrobble?action=write",
        "repo:app.rocksky.scrobble?until=2030",
        "repo",
        "repo?action=create",
        "Repo:app.rocksky.scrobble",
        "blob:*/*",
        "rpc:app.rocksky.scrobble?aud=*",
        "transition:email",
        "include:app.rocksky.authScrobbling",
    ],
)
def test_what_permits_less_or_something_else_does_not_permit(scope: str) -> None:
    assert Scopes.parse(f"atproto {scope}").missing([SCROBBLE]) == [SCROBBLE]


def test_one_action_permits_that_action_alone() -> None:
    granted = Scopes.parse("atproto repo:app.rocksky.scrobble?action=create")
    assert granted.allows_repo(SCROBBLE, "create")
    assert not granted.allows_repo(SCROBBLE, "delete")
    assert granted.missing([SCROBBLE, LIKE], ["create"]) == [LIKE]


@pytest.mark.parametrize("text", ["", " ", "atproto  repo:a.b.c", "atproto ", 'a"b', "a\\b", "a\tb", "ä", "a" * 9000])
def test_what_is_no_list_of_scopes_is_refused(text: str) -> None:
    with pytest.raises(ScopeError):
        Scopes.parse(text)


def test_a_set_is_the_same_however_it_is_written() -> None:
    one = Scopes.parse("atproto repo?collection=app.rocksky.like&collection=app.rocksky.scrobble blob:*/*")
    other = Scopes.parse(
        "blob?accept=*/* repo?collection=app.rocksky.scrobble&collection=app.rocksky.like atproto atproto"
    )
    assert one == other
    assert (
        str(one) == str(other) == ("atproto blob:*/* repo?collection=app.rocksky.like&collection=app.rocksky.scrobble")
    )


TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FF), max_size=12)


@given(st.sampled_from(["repo", "blob", "other"]), st.sets(st.tuples(TEXTS.filter(bool), TEXTS), max_size=4))
def test_a_scope_that_is_written_reads_as_itself(resource: str, pairs: set[tuple[str, str]]) -> None:
    scope = Scope(resource, tuple(sorted(pairs)))
    assert Scope.parse(str(scope)) == scope
    assert Scopes.parse(str(scope)).scopes == {scope}


def test_the_least_that_lets_us_write() -> None:
    assert str(write_scopes([SCROBBLE, LIKE])) == "atproto repo:app.rocksky.like repo:app.rocksky.scrobble"


def test_our_permission_set_stands_for_our_collections() -> None:
    granted = Scopes.parse(f"atproto {PERMISSIONS.scope}")
    assert granted.missing(COLLECTIONS) == list(COLLECTIONS)
    assert granted.expanded(PERMISSIONS).missing(COLLECTIONS) == []
    assert granted.expanded(PERMISSIONS).missing([LIKE]) == [LIKE]
    assert Scopes.parse("atproto").expanded(PERMISSIONS) == Scopes.parse("atproto")


def test_a_permission_set_permits_only_what_is_below_its_own_authority() -> None:
    known = PermissionSet(
        "app.rocksky.authOne",
        (
            Permission("repo", {"collection": (SCROBBLE,), "action": ("create",)}),
            Permission("repo", {"collection": (LIKE, "app.bsky.feed.post")}),
            Permission("repo", {"collection": "*"}),
            Permission("repo", {"collection": ("app.rockskyx.thing",)}),
            Permission("blob", {"accept": ("*/*",)}),
        ),
    )
    assert [str(scope) for scope in expand(known)] == ["repo:app.rocksky.scrobble?action=create"]
