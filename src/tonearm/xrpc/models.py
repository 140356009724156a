"""The bases of generated classes: how a lexicon's objects are read, held and written.

A model is frozen, has Python names for its fields, and holds values of the data model (`Cid`, `bytes`, `Blob`), never
their JSON forms. Three ways lead in, and each checks every rule of the lexicon:

    Output(uri="at://...", like_count=3)    by attribute names, from our own code; None is absent
    Input.from_wire(parsed_json)            by wire names; a null is a null
    Record.from_data(decoded_dag_cbor)      likewise, links and bytes as such

and two out: `to_wire()` (JSON) and `to_data()` (for DAG-CBOR). A record that goes in and out unchanged has the same
bytes, unknown fields included.

Rejected: letting pydantic-core read the JSON text, which saves a third of the time but takes duplicate keys, floats
and lone surrogates as they come; the strict parser of `tonearm.atproto.json_data` reads first.

Invariant: whatever is an instance of a model obeys its lexicon, unless pydantic's unchecked `model_construct` or
`model_copy(update=...)` made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError
from pydantic_core import core_schema, to_json

from tonearm.atproto import json_data
from tonearm.atproto.cid import Cid
from tonearm.xrpc.lexicon_errors import LexiconError
from tonearm.xrpc.values import READING, Blob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Input", "LexiconError", "Model", "Object", "Output", "Params", "Record", "Wrapped"]


class Model(BaseModel):
    """An object of a lexicon."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        defer_build=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=False,
        serialize_by_alias=True,
        protected_namespaces=(),
    )

    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    """Optional fields that may be null: absent when unset, null when set to None."""

    CONTEXT: ClassVar[dict[str, Any] | None] = READING
    """Validation context of the ways in from the wire."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let None stand for an absent optional field in Python only; on the wire it is a null, and refused."""
        schema = handler(source)
        fields: dict[str, Any] = schema.get("schema", {}).get("fields", {})
        for name, model_field in fields.items():
            default = model_field["schema"]
            _stop_at_the_first_bad_element(default)
            if name in cls.NULLABLE or default["type"] != "default" or default["schema"]["type"] != "nullable":
                continue
            nullable = default["schema"]
            default["schema"] = core_schema.lax_or_strict_schema(
                lax_schema=nullable, strict_schema=nullable["schema"], strict=False
            )
        return schema

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        """Validate a parsed JSON value.

        Raises:
            LexiconError: the first rule that it breaks, and where.
        """
        if _facts(cls).holds_data:
            value = _data_of_json(value)
        return cls._validated(value)

    @classmethod
    def _validated(cls, value: Any, extra: Literal["ignore"] | None = None) -> Self:
        try:
            validated: Self = _facts(cls).validate(
                value, strict=True, by_alias=True, by_name=False, extra=extra, context=cls.CONTEXT
            )
        except ValidationError as error:
            raise LexiconError.of(error) from None
        return validated

    def to_wire(self) -> bytes:
        """Write as JSON by wire names; what is absent is left out."""
        facts = _facts(type(self))
        if facts.holds_nulls:
            return to_json(json_data.to_json(self.to_data()))
        return facts.to_json(self, by_alias=True, exclude_none=True)

    def to_data(self) -> dict[str, Any]:
        """Answer the object of the data model, for DAG-CBOR. Unknown objects in it are not copied."""
        values = self.__dict__
        data: dict[str, Any] = {}
        for name, wire_name, when_none in _facts(type(self)).layout:
            value = values[name]
            if value is not None:
                data[wire_name] = value if type(value) in _SCALARS else _data_of(value)
            elif when_none == _NULL or (when_none == _NULL_IF_SET and name in self.__pydantic_fields_set__):
                data[wire_name] = None
        if self.__pydantic_extra__:
            data.update(self.__pydantic_extra__)
        return data


class Params(Model):
    """The parameters of a method."""

    @classmethod
    def from_query(cls, pairs: Mapping[str, list[str]]) -> Self:
        """Validate the texts of a query string. Keys that the lexicon does not know are ignored.

        Raises:
            LexiconError: the first rule that they break.
        """
        kinds = _facts(cls).query_kinds
        value: dict[str, Any] = {}
        for name, texts in pairs.items():
            kind = kinds.get(name)
            if kind is None:
                continue
            if kind.repeats:
                value[name] = [_value_of_text(name, kind.scalar, text) for text in texts]
            elif len(texts) == 1:
                value[name] = _value_of_text(name, kind.scalar, texts[0])
            else:
                raise LexiconError(name, "must not be given more than once")
        return cls._validated(value)


class Input(Model):
    """The body of a procedure. Unknown fields are ignored; blobs of the legacy form are refused."""

    CONTEXT: ClassVar[dict[str, Any] | None] = None


class Output(Model):
    """The answer of a method. Unknown fields are a mistake of ours, and refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def from_answer(cls, value: Any) -> Self:
        """Validate another server's answer. It may know more fields than our lexicon; they are left out.

        Raises:
            LexiconError: the first rule that it breaks, and where.
        """
        return cls._validated(_data_of_json(value) if _facts(cls).holds_data else value, extra="ignore")


class Object(Model):
    """An object that several lexicons share, or part of a record. Unknown fields are kept as they came."""

    model_config = ConfigDict(extra="allow")

    TYPE: ClassVar[str] = ""
    """The full name that stands as `$type` in a union; "" for an object inside another."""

    __pydantic_extra__: dict[str, Annotated[Any, PlainSerializer(json_data.to_json, when_used="json")]]

    def extended(self, fields: Mapping[str, Any]) -> Self:
        """Answer a copy with further fields that the lexicon does not know.

        Raises:
            ValueError: the lexicon knows one of them.
        """
        known = {wire_name for _, wire_name, _ in _facts(type(self)).layout} & fields.keys()
        if known:
            raise ValueError(f"declared fields are set by their names: {', '.join(sorted(known))}")
        copy = self.__copy__()
        object.__setattr__(copy, "__pydantic_extra__", {**(self.__pydantic_extra__ or {}), **fields})
        return copy


class Record(Object):
    """A record of a collection; `TYPE` is its NSID and stands in the data as `$type`."""

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        """Validate a record in JSON form, as another server has it.

        Raises:
            LexiconError: the first rule that it breaks, and where.
        """
        return cls.from_data(_data_of_json(value))

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Validate a record in the form of the data model, as decoded from DAG-CBOR.

        Raises:
            LexiconError: the first rule that it breaks, and where.
        """
        if not isinstance(data, dict):
            raise LexiconError("", "must be an object")
        if data.get("$type") != cls.TYPE:
            raise LexiconError("$type", f"must be {cls.TYPE}")
        return cls._validated({name: value for name, value in data.items() if name != "$type"})

    def to_data(self) -> dict[str, Any]:
        """Answer the record of the data model, `$type` included."""
        return {"$type": self.TYPE, **super().to_data()}

    def to_wire(self) -> bytes:
        """Write as JSON, `$type` included."""
        return to_json(json_data.to_json(self.to_data()))


class Wrapped(Model):
    """A body that is no object of one class: a union, or what a reference to a scalar means."""

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        """Validate a parsed JSON value.

        Raises:
            LexiconError: the first rule that it breaks, and where.
        """
        try:
            return super().from_wire({"root": value})
        except LexiconError as error:
            raise LexiconError(error.path.removeprefix("root").removeprefix("/"), error.message) from None

    def to_wire(self) -> bytes:
        """Write the wrapped value as JSON."""
        return to_json(json_data.to_json(self.to_data()["root"]))


_SCALARS = frozenset({str, int, bool, bytes, Cid})
_JSON_FORMS = frozenset({"$link", "$bytes"})
_CONTAINERS = frozenset({dict, list})
_OMITTED, _NULL, _NULL_IF_SET = range(3)


@dataclass(frozen=True, slots=True)
class _QueryKind:
    scalar: type
    repeats: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the ways in and out need to know of a class, found out on its first use."""

    validate: Callable[..., Any]
    to_json: Callable[..., bytes]
    holds_data: bool
    holds_nulls: bool
    layout: tuple[tuple[str, str, int], ...]
    query_kinds: dict[str, _QueryKind]


_known_facts: dict[type[Model], _Facts] = {}
_building = Lock()


def _facts(cls: type[Model]) -> _Facts:
    return _known_facts.get(cls) or _facts_found_out(cls)


def _facts_found_out(cls: type[Model]) -> _Facts:
    """Build a class and all that it leads to. Large bodies are validated in threads: one builds, others wait."""
    with _building:
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
        reached = set(_models_reached(cls, set()))
        for model in reached:
            if not model.__pydantic_complete__:
                model.model_rebuild()
    fields = cls.model_fields
    facts = _Facts(
        validate=cls.__pydantic_validator__.validate_python,
        to_json=cls.__pydantic_serializer__.to_json,
        holds_data=any(issubclass(model, Object) or _has_data_fields(model) for model in reached),
        holds_nulls=any(model.NULLABLE for model in reached),
        layout=tuple((name, field.alias or name, _when_none(cls, name)) for name, field in fields.items()),
        query_kinds={field.alias or name: _query_kind(field.annotation) for name, field in fields.items()}
        if issubclass(cls, Params)
        else {},
    )
    _known_facts[cls] = facts
    return facts


def _when_none(cls: type[Model], name: str) -> int:
    if name in cls.NULLABLE:
        return _NULL_IF_SET
    return _NULL if cls.model_fields[name].is_required() else _OMITTED


def _models_reached(cls: type[Model], seen: set[type[Model]]) -> Iterator[type[Model]]:
    """Yield a class and every class that its fields lead to."""
    if cls in seen:
        return
    seen.add(cls)
    yield cls
    for field in cls.model_fields.values():
        for found in _types_in(field.annotation):
            if issubclass(found, Model):
                yield from _models_reached(found, seen)


def _has_data_fields(cls: type[Model]) -> bool:
    return any(
        found in {bytes, Cid, Blob, dict}
        for field in cls.model_fields.values()
        for found in _types_in(field.annotation)
    )


def _types_in(annotation: Any) -> Iterator[type]:
    """Yield the classes that an annotation names: of `list[A] | None`, list, A and NoneType."""
    origin = get_origin(annotation)
    if origin is None:
        if isinstance(annotation, type):
            yield annotation
        return
    if isinstance(origin, type):
        yield origin
    for argument in get_args(annotation):
        yield from _types_in(argument)


def _query_kind(annotation: Any) -> _QueryKind:
    found = [kind for kind in _types_in(annotation) if kind in {list, bool, int, str}] or _literal_types(annotation)
    if list in found:
        scalars = [kind for kind in found if kind is not list] or _literal_types(annotation)
        return _QueryKind(scalars[0], repeats=True)
    return _QueryKind(found[0], repeats=False)


def _literal_types(annotation: Any) -> list[type]:
    if get_origin(annotation) is Literal:
        return [type(value) for value in get_args(annotation)]
    return [kind for argument in get_args(annotation) for kind in _literal_types(argument)]


def _value_of_text(name: str, scalar: type, text: str) -> str | int | bool:
    if scalar is bool:
        if text not in {"true", "false"}:
            raise LexiconError(name, "must be true or false")
        return text == "true"
    if scalar is int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 16):
            raise LexiconError(name, "must be an integer")
        return int(text)
    return text


def _data_of_json(value: Any) -> Any:
    if type(value) is dict and _CONTAINERS.isdisjoint(map(type, value.values())) and not _JSON_FORMS & value.keys():
        return value  # only scalars, which are the same in both forms
    try:
        return json_data.to_data(value)
    except json_data.JsonError as error:
        raise LexiconError(error.where, error.message) from None


def _data_of(value: Any) -> Any:
    if isinstance(value, Model | Blob):
        return value.to_data()
    if isinstance(value, list):
        return [item if type(item) in _SCALARS else _data_of(item) for item in value]
    return value


def _stop_at_the_first_bad_element(schema: Any) -> None:
    """Make the arrays in a field's schema fail fast: a caller may not have a hundred thousand errors collected."""
    while schema is not None:
        if schema["type"] == "list":
            schema["fail_fast"] = True
        schema = schema.get("schema") or schema.get("items_schema")
