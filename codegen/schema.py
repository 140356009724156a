"""Lexicon documents as frozen dataclasses: one class per lexicon type, one field per keyword.

Source: the lexicon specification, "Primary Type Definitions" and "Field Type Definitions".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = (
    "at-identifier",
    "at-uri",
    "cid",
    "datetime",
    "did",
    "handle",
    "language",
    "nsid",
    "record-key",
    "tid",
    "uri",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What every definition may have."""

    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Null(Described):
    """Matches null alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Described):
    """A truth value."""

    default: bool | None = None
    const: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Described):
    """A safe integer; bounds are inclusive."""

    minimum: int | None = None
    maximum: int | None = None
    enum: tuple[int, ...] | None = None
    const: int | None = None
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class String(Described):
    """A text; lengths in UTF-8 bytes or in grapheme clusters, inclusive."""

    format: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_graphemes: int | None = None
    max_graphemes: int | None = None
    enum: tuple[str, ...] | None = None
    const: str | None = None
    known_values: tuple[str, ...] | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes(Described):
    """A byte string."""

    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CidLink(Described):
    """A link to a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob(Described):
    """A file: accepted media types (None: any) and size in bytes."""

    accept: tuple[str, ...] | None = None
    max_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref(Described):
    """A reference as written: `nsid`, `nsid#name` or `#name`."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Union(Described):
    """One of several objects, told by `$type`; an open one also takes objects of unknown types."""

    refs: tuple[str, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Described):
    """Any object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Described):
    """A name that is its own meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Array(Described):
    """A list of one type."""

    items: Type
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(Described):
    """Named properties in the order of the document."""

    properties: Mapping[str, Type]
    required: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Params(Described):
    """The query parameters of a method."""

    properties: Mapping[str, Type]
    required: frozenset[str] = frozenset()


Type = Null | Boolean | Integer | String | Bytes | CidLink | Blob | Ref | Union | Unknown | Token | Array | Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Described):
    """The input or output of a method; without a schema it is a stream of bytes."""

    encoding: str
    schema: Ref | Union | Object | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorName(Described):
    """An error that a method declares."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Described):
    """What a collection holds. `key` is `tid`, `nsid`, `any` or `literal:x`."""

    key: str
    record: Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Described):
    """A method that reads."""

    parameters: Params | None = None
    output: Body | None = None
    errors: tuple[ErrorName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Described):
    """A method that acts."""

    parameters: Params | None = None
    input: Body | None = None
    output: Body | None = None
    errors: tuple[ErrorName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Described):
    """An event stream."""

    parameters: Params | None = None
    message: Union | None = None
    errors: tuple[ErrorName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One permission of a set: a resource and its parameters, each a scalar or a list of scalars."""

    resource: str
    parameters: Mapping[str, str | int | bool | tuple[str | int | bool, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet(Described):
    """Permissions that are asked for under one name, with texts for people by language."""

    title: str = ""
    detail: str = ""
    title_by_language: Mapping[str, str] = field(default_factory=dict)
    detail_by_language: Mapping[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()


Method = Query | Procedure | Subscription
Primary = Record | Query | Procedure | Subscription | PermissionSet
Definition = Type | Primary


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Described):
    """One lexicon file. `file` is its path for people, relative to the folder of lexicons."""

    file: str
    id: str
    revision: int | None = None
    defs: Mapping[str, Definition]

    @property
    def main(self) -> Definition | None:
        """The definition that the NSID itself means."""
        return self.defs.get("main")
