"""The values of the data model that are more than a scalar: blobs, links, bytes, unknown objects, unions.

Fields hold them in the form of the data model (`bytes`, `Cid`, `Blob`, plain `dict`), whether they came as JSON or as
DAG-CBOR; their JSON form appears only when a model is written as JSON.

Source: the data model and lexicon specifications.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic_core import core_schema

from tonearm.atproto import json_data
from tonearm.atproto.cid import Cid, cid_text, parse_cid
from tonearm.xrpc.constraints import SAFE_INTEGER, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

READING = {"legacy_blobs": True}
"""Validation context in which blobs of the old form `{cid, mimeType}` are accepted."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that a record refers to.

    Attributes:
        ref: the CID of the bytes.
        mime_type: as the uploader said.
        size: bytes, or None for the legacy form, which did not say.
        extra: fields that the data model does not know, kept as they came.
    """

    ref: Cid
    mime_type: str
    size: int | None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    def to_data(self) -> dict[str, Any]:
        """Answer the object of the data model, in the form that it came in."""
        if self.size is None:
            return {"cid": cid_text(self.ref), "mimeType": self.mime_type, **self.extra}
        return {"$type": "blob", "ref": self.ref, "mimeType": self.mime_type, "size": self.size, **self.extra}

    def to_json_value(self) -> Any:
        """Answer the object with its link in JSON form."""
        return json_data.to_json(self.to_data())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate from the data model; write as JSON."""
        del source, handler
        return core_schema.with_info_plain_validator_function(_blob, serialization=_json_form(cls.to_json_value))


def _blob(value: Any, info: core_schema.ValidationInfo) -> Blob:
    if isinstance(value, Blob):
        return value
    if not isinstance(value, dict):
        raise refusal("must be a blob")
    if value.get("$type") == "blob":
        return _typed_blob(value)
    if "$type" not in value and "cid" in value and "mimeType" in value:
        if not (info.context and info.context.get("legacy_blobs")):
            raise refusal("must be a blob with a $type, not of the legacy form")
        return _legacy_blob(value)
    raise refusal("must be a blob")


def _typed_blob(value: dict[str, Any]) -> Blob:
    ref, mime_type, size = value.get("ref"), value.get("mimeType"), value.get("size")
    if not isinstance(ref, Cid):
        raise refusal("must be a blob with a ref that is a link")
    if not (isinstance(mime_type, str) and mime_type):
        raise refusal("must be a blob with a mimeType")
    if type(size) is not int or not 0 <= size <= SAFE_INTEGER:
        raise refusal("must be a blob with a size in bytes")
    known = {"$type", "ref", "mimeType", "size"}
    return Blob(ref, mime_type, size, {key: kept for key, kept in value.items() if key not in known})


def _legacy_blob(value: dict[str, Any]) -> Blob:
    cid, mime_type = value["cid"], value["mimeType"]
    if not (isinstance(mime_type, str) and mime_type):
        raise refusal("must be a blob with a mimeType")
    try:
        ref = parse_cid(cid) if isinstance(cid, str) else None
    except ValueError:
        ref = None
    if ref is None or cid_text(ref) != cid:
        raise refusal("must be a blob with a valid cid")
    return Blob(ref, mime_type, None, {key: kept for key, kept in value.items() if key not in {"cid", "mimeType"}})


@dataclass(frozen=True, slots=True)
class BlobRule:
    """Which blobs a field takes: media types, each exact, `type/*` or `*/*`, and a size limit in bytes."""

    accept: tuple[str, ...] | None = None
    max_size: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a blob after its form."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, blob: Blob) -> Blob:
        if self.accept is not None and not any(_matches(glob, blob.mime_type) for glob in self.accept):
            raise refusal(f"must be a blob of type {' or '.join(self.accept)}")
        if self.max_size is not None and blob.size is not None and blob.size > self.max_size:
            raise refusal(f"must be a blob of at most {self.max_size} bytes")
        return blob


def _matches(glob: str, mime_type: str) -> bool:
    if glob == "*/*":
        return True
    return mime_type.startswith(glob[:-1]) if glob.endswith("/*") else mime_type == glob


def _json_form(function: Callable[[Any], Any]) -> core_schema.SerSchema:
    return core_schema.plain_serializer_function_ser_schema(function, when_used="json")


class _Link:
    """A link to a block."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.is_instance_schema(
            Cid, cls_repr="link", serialization=_json_form(lambda cid: {"$link": cid_text(cid)})
        )


@dataclass(frozen=True, slots=True)
class Bytes:
    """How many bytes a byte string has, inclusive."""

    minimum: int | None = None
    maximum: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Bound the bytes in the core; write them as `{"$bytes": base64}`."""
        del source, handler
        return core_schema.bytes_schema(
            strict=True, min_length=self.minimum, max_length=self.maximum, serialization=_json_form(json_data.to_json)
        )


def _plain_object(value: Any) -> dict[str, Any]:
    if type(value) is dict and value.get("$type") != "blob":
        return value
    raise refusal("must be an object")


class _Unknown:
    """An object of which nothing is known."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(_plain_object, serialization=_json_form(json_data.to_json))


CidLink = Annotated[Cid, _Link]
ByteString = Annotated[bytes, Bytes()]
UnknownObject = Annotated[dict[str, Any], _Unknown]


class OpenUnion:
    """One of the member classes, told by `$type`, or any other object that has a `$type`.

    A member built in Python gets its `$type` when it is put into the field, so that it can be read back. An object of
    an unknown type is kept as a plain dict, unchanged.

    The tags stand in the order of the annotated classes.
    """

    __slots__ = ("tags",)
    is_open = True

    def __init__(self, *tags: str) -> None:
        self.tags = tags

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Choose by `$type`, with a Python function, since an instance has none yet."""
        members = [source] if isinstance(source, type) else list(get_args(source))
        classes = [member for member in members if isinstance(member, type) and hasattr(member, "__pydantic_fields__")]
        if len(classes) != len(self.tags):
            raise TypeError(f"{source!r} has other members than {self.tags!r}")
        choices: dict[Any, CoreSchema] = {
            tag: core_schema.no_info_after_validator_function(_tagger(tag), handler.generate_schema(member))
            for tag, member in zip(self.tags, classes, strict=True)
        }
        if self.is_open:
            choices[""] = handler.generate_schema(UnknownObject)
        tag_of = _tag_function(dict(zip(classes, self.tags, strict=True)), set(self.tags) if self.is_open else None)
        return core_schema.tagged_union_schema(choices, discriminator=tag_of)


class ClosedUnion(OpenUnion):
    """One of the member classes and nothing else."""

    __slots__ = ()
    is_open = False


def _tag_function(tag_of_class: dict[type, str], known: set[str] | None) -> Callable[[Any], str | None]:
    def tag_of(value: Any) -> str | None:
        if type(value) is not dict:
            return tag_of_class.get(type(value))
        tag = value.get("$type")
        if not (isinstance(tag, str) and tag):
            return None
        tag = tag.removesuffix("#main")
        return tag if known is None or tag in known else ""

    return tag_of


def _tagger(tag: str) -> Callable[[Any], Any]:
    def tagged(member: Any) -> Any:
        return member if "$type" in member.__pydantic_extra__ else member.extended({"$type": tag})

    return tagged
