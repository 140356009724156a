"""What each page is made from. A template gets the shared `frame` and one of these as `page`, and nothing else.

Texts are plain; the templates escape them. A `Moment` is a time in UTC, for people and for programs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every page. `handle` is empty for strangers; `csrf` goes into each form of somebody signed in."""

    style_url: str
    version: str
    path: str
    handle: str
    csrf: str
    links: tuple[tuple[str, str], ...] = (
        ("/", "Home"),
        ("/account/tokens", "Tokens"),
        ("/account/keys", "Keys"),
        ("/account/sessions", "Sessions"),
        ("/account", "Account"),
    )


class Moment(NamedTuple):
    """A time: as people read it, and in ISO 8601."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """error.html: why there is no page, and a link that leads on."""

    status: int
    title: str
    message: str
    link_path: str
    link_text: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """front.html: what this server is, for those who are not signed in."""

    notice: str


class PlayLine(NamedTuple):
    """One play of a list."""

    title: str
    artist: str
    album: str
    played_at: Moment


@dataclass(frozen=True, slots=True)
class HomePage:
    """home.html: who is signed in, what they played last, and how publishing stands.

    `waiting` plays are on their way to the repository, `refused` ones need their owner; `needs_login` says that nothing
    goes on before they log in again.
    """

    name: str
    handle: str
    avatar_path: str
    plays: tuple[PlayLine, ...]
    waiting: int
    refused: int
    needs_login: bool
    notice: str


@dataclass(frozen=True, slots=True)
class LoginPage:
    """login.html: both ways to log in, with what was typed and what was wrong with it.

    `errors` are by the id of the field at fault (`handle`, `name`, `password`); an empty id is an error of no field.
    """

    return_to: str
    handle: str = ""
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)


class Permission(NamedTuple):
    """Something that we ask leave to write, in words for people, and the collections that hold it."""

    title: str
    detail: str
    collections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """consent.html: what we shall ask for, before the browser goes to the PDS `host` by `continue_url`."""

    identifier: str
    host: str
    continue_url: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class CliPage:
    """rocksky_cli.html: whether Rocksky's command line on this computer gets a token of `did`."""

    did: str


class TokenLine(NamedTuple):
    """An API token of a list."""

    token_id: str
    label: str
    scopes: tuple[str, ...]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


@dataclass(frozen=True, slots=True)
class TokensPage:
    """tokens.html: the API tokens, a form for the next, and the one that was just made (`made`), this once."""

    tokens: tuple[TokenLine, ...]
    made: str = ""
    made_label: str = ""
    label: str = ""
    scopes: frozenset[str] = frozenset({"read", "scrobble"})
    days: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


class KeyLine(NamedTuple):
    """A player key of a list."""

    key_id: str
    name: str
    description: str
    enabled: bool
    created_at: Moment
    last_used_at: Moment | None


@dataclass(frozen=True, slots=True)
class KeysPage:
    """keys.html: the player keys, a form for the next, and both halves of the one that was just made, this once."""

    keys: tuple[KeyLine, ...]
    made_api_key: str = field(default="", repr=False)
    made_secret: str = field(default="", repr=False)
    made_name: str = ""
    name: str = ""
    description: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


class SessionLine(NamedTuple):
    """A session of a list; `here` is the one that shows the list."""

    session_id: str
    name: str
    kind: str
    address: str
    here: bool
    created_at: Moment
    last_used_at: Moment | None


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """sessions.html: where the account is logged in."""

    sessions: tuple[SessionLine, ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class LeavePage:
    """leave.html: the question at the last log-out, while `waiting` plays have not reached the repository at `host`."""

    waiting: int
    host: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """account.html: who the account is, where its repository is, and what can be done with it.

    `host` is the PDS elsewhere, empty for a repository in the built-in one; `connected` whether it lets us write.
    """

    name: str
    handle: str
    did: str
    role: str
    host: str
    connected: bool
    waiting: int
    moving: bool = False
    notice: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class InactivePage:
    """inactive.html: for whoever is signed in to an account that is not active. `told` says what it is in."""

    told: str
    can_reactivate: bool


@dataclass(frozen=True, slots=True)
class DeletePage:
    """delete.html: what deleting the account does, the choice about the records, and the handle to type.

    `host` is the PDS elsewhere; without one the records go with the account.
    """

    handle: str
    host: str
    typed: str = ""
    records: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeletionPage:
    """deletion.html: how far a deletion is; the page asks again by itself until it is `finished`."""

    stage: str
    done: int
    total: int
    note: str
    finished: bool


@dataclass(frozen=True, slots=True)
class MovePage:
    """move.html: a local account's move to an identity elsewhere: the form, or how it stands.

    `stage` is `form`, `linked`, `moving` or `done`; `told` says in words what is done now, `held_up` what holds it up.
    """

    stage: str
    from_handle: str
    to_handle: str = ""
    host: str = ""
    told: str = ""
    held_up: str = ""
    done: int = 0
    total: int = 0
    refused: int = 0
    paused: bool = False
    cancellable: bool = False
    handle: str = ""
    errors: dict[str, str] = field(default_factory=dict)
