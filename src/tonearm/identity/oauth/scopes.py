"""Scopes: what an account is asked to permit, and what it has permitted.

A scope names a resource and its parameters, `repo:app.example.thing?action=create`; the first parameter may stand
behind a colon or by its name, values may repeat, their order means nothing, and a server may grant other scopes than
it was asked for. So scopes are parsed and asked questions, never compared as texts.

Source: the atproto permission specification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, quote, unquote

from tonearm.atproto.formats import is_nsid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tonearm.xrpc.permissions import Permission, PermissionSet

ATPROTO = "atproto"
ACTIONS = ("create", "update", "delete")
POSITIONAL = {
    "repo": "collection",
    "rpc": "lxm",
    "blob": "accept",
    "account": "attr",
    "identity": "attr",
    "include": "nsid",
}
"""The parameter of each resource that may stand behind the colon."""
LONGEST = 8192

_TOKENS = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_UNQUOTED = ":/+,@*"


class ScopeError(ValueError):
    """A text is no list of scopes. Source: RFC 6749, section 3.3."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope. `parameters` are sorted pairs, the one behind the colon among them by its name."""

    resource: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one scope, of whatever resource."""
        head, _, query = text.partition("?")
        resource, colon, positional = head.partition(":")
        pairs = parse_qsl(query, keep_blank_values=True)
        if colon:
            pairs.append((POSITIONAL.get(resource, ""), unquote(positional)))
        return cls(resource, tuple(sorted(set(pairs))))

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return tuple(value for key, value in self.parameters if key == name)

    def __str__(self) -> str:
        """The scope in its one spelling: the first parameter behind a colon when it has one value."""
        first = POSITIONAL.get(self.resource, "")
        behind = self.values(first)
        text, rest = self.resource, self.parameters
        if len(behind) == 1:
            text += f":{quote(behind[0], safe=_UNQUOTED)}"
            rest = tuple(pair for pair in rest if pair[0] != first)
        if rest:
            text += "?" + "&".join(f"{quote(key, safe='')}={quote(value, safe=':/,@*')}" for key, value in rest)
        return text

    def allows_repo(self, collection: str, action: str) -> bool:
        """Whether this scope lets a record of a collection be created, updated or deleted.

        A scope with anything in it that we do not know allows nothing: it may be a condition.
        """
        if self == TRANSITION:
            return True
        if self.resource != "repo" or {key for key, _ in self.parameters} - {"collection", "action"}:
            return False
        collections, actions = self.values("collection"), self.values("action") or ACTIONS
        if not all(value == "*" or is_nsid(value) for value in collections) or not set(actions) <= set(ACTIONS):
            return False
        return action in actions and ("*" in collections or collection in collections)


TRANSITION = Scope.parse("transition:generic")
"""All repositories, blobs and most methods: what servers offer that do not know finer scopes."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """A set of scopes."""

    scopes: frozenset[Scope]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the value of a `scope` parameter.

        Raises:
            ScopeError: it is none.
        """
        if len(text) > LONGEST or not _TOKENS.fullmatch(text):
            raise ScopeError("a scope is a list of words of printable ASCII with single spaces between them")
        return cls(frozenset(map(Scope.parse, text.split(" "))))

    @classmethod
    def of(cls, *texts: str) -> Self:
        """The set of these scopes."""
        return cls(frozenset(map(Scope.parse, texts)))

    def __str__(self) -> str:
        """The value of a `scope` parameter: always in the same order, `atproto` first."""
        return " ".join(sorted(map(str, self.scopes), key=lambda text: (text != ATPROTO, text)))

    def __or__(self, other: Scopes) -> Scopes:
        """Both sets together."""
        return Scopes(self.scopes | other.scopes)

    @property
    def is_atproto(self) -> bool:
        """Whether the set is one of atproto at all."""
        return Scope(ATPROTO) in self.scopes

    def allows_repo(self, collection: str, action: str) -> bool:
        """Whether records of a collection may be created, updated or deleted."""
        return any(scope.allows_repo(collection, action) for scope in self.scopes)

    @property
    def allows_blobs(self) -> bool:
        """Whether blobs of every type may be uploaded. A scope of some types, or with conditions, does not count."""
        return any(scope == TRANSITION or scope == Scope.parse("blob:*/*") for scope in self.scopes)

    def missing(self, collections: Iterable[str], actions: Iterable[str] = ACTIONS) -> list[str]:
        """The collections in which not every one of these actions is allowed."""
        wanted = tuple(actions)
        return [each for each in collections if not all(self.allows_repo(each, action) for action in wanted)]

    def expanded(self, known: PermissionSet) -> Scopes:
        """The same scopes, with what a permission set that we know stands for beside its `include:`."""
        if known.nsid not in {nsid for scope in self.scopes for nsid in _included(scope)}:
            return self
        return self | Scopes(frozenset(expand(known)))


def expand(permissions: PermissionSet) -> Iterator[Scope]:
    """What an `include:` of a permission set permits to write.

    A permission counts only when all that it names is below the set's own authority, and only `repo` and `rpc` may
    stand in a set; what a set says about methods is left out here.
    """
    authority = permissions.nsid.rpartition(".")[0] + "."
    for permission in permissions.permissions:
        if permission.resource == "repo" and all(
            name.startswith(authority) for name in _texts(permission, "collection")
        ):
            pairs = [(key, value) for key in permission.parameters for value in _texts(permission, key)]
            yield Scope("repo", tuple(sorted(set(pairs))))


def write_scopes(collections: Iterable[str]) -> Scopes:
    """The least that lets us write records of these collections."""
    return Scopes.of(ATPROTO, *(f"repo:{collection}" for collection in collections))


def _included(scope: Scope) -> tuple[str, ...]:
    return scope.values("nsid") if scope.resource == "include" else ()


def _texts(permission: Permission, key: str) -> tuple[str, ...]:
    value = permission.parameters.get(key, ())
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)
