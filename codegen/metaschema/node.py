"""Reading one JSON object of a lexicon, keyword by keyword, with every fault noted and none fatal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from codegen.problems import Problems, under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAFE_INTEGER = 2**53 - 1

_T = TypeVar("_T", str, int)


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys stood there more than once."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    value = _Object(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        value.repeated = tuple(key for key in value if keys.count(key) > 1)
    return value


def parse_json(text: str) -> Any:
    """Parse a document's text; repeated keys are noted by the `Node` that reads them.

    Raises:
        ValueError: it is not JSON.
    """
    return json.loads(text, object_pairs_hook=_object)


def with_article(kind: str) -> str:
    """Answer "a string", "an object"."""
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


class Node:
    """One object, read keyword by keyword. `close` notes the keywords that nobody asked for."""

    __slots__ = ("_asked", "_problems", "_value", "is_object", "path")

    def __init__(self, value: Any, path: str, problems: Problems) -> None:
        self.path = path
        self._problems = problems
        self._asked: set[str] = set()
        self.is_object = isinstance(value, dict)
        self._value: dict[str, Any] = value if self.is_object else {}
        if not self.is_object:
            problems.add(path, "must be an object")
        for key in getattr(value, "repeated", ()):
            self.fault("stands here more than once", key)

    def fault(self, reason: str, *keys: str | int) -> None:
        """Note a fault of this object, or of what stands below it at a keyword, or at an index of that."""
        path = self.path
        for key in keys:
            path = under(path, key)
        self._problems.add(path, reason)

    def close(self, kind: str) -> None:
        """Note every keyword that was not asked for. `kind` names the object: "a string"."""
        for key in self._value:
            if key not in self._asked:
                self.fault(f"is not a keyword of {kind}", key)

    def raw(self, key: str, *, required: bool = False) -> Any:
        """Answer a keyword's value, None when absent. A null is a fault: no keyword may be null."""
        self._asked.add(key)
        value = self._value.get(key)
        if value is None and (key in self._value or (required and self.is_object)):
            self.fault("must not be null" if key in self._value else "is required", key)
        return value

    def names(self) -> Iterable[str]:
        """Answer the keys, for objects whose keys are names."""
        return self._value.keys()

    def child(self, key: str, *, required: bool = False) -> Node | None:
        """Answer the object below a keyword."""
        value = self.raw(key, required=required)
        return None if value is None else Node(value, under(self.path, key), self._problems)

    def children(self, key: str, *, required: bool = False) -> list[Node]:
        """Answer the objects in the array below a keyword."""
        values = self._list(key, required=required)
        return [Node(value, under(under(self.path, key), at), self._problems) for at, value in enumerate(values or ())]

    def text(
        self, key: str, *, required: bool = False, check: Callable[[str], bool] | None = None, what: str = ""
    ) -> str | None:
        """Answer a string; `check` must hold, `what` says what it must be."""
        value = self.raw(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault("must be a string", key)
            return None
        if check is not None and not check(value):
            self.fault(f"must be {what}, not {value!r}", key)
            return None
        return value

    def boolean(self, key: str) -> bool | None:
        """Answer a boolean."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault("must be a boolean", key)
        return None

    def integer(self, key: str, *, minimum: int = -SAFE_INTEGER) -> int | None:
        """Answer a safe integer, not below `minimum`."""
        value = self.raw(key)
        return None if value is None else self._integer(value, key, minimum=minimum)

    def _integer(self, value: Any, *keys: str | int, minimum: int = -SAFE_INTEGER) -> int | None:
        if type(value) is not int:
            self.fault("must be an integer", *keys)
        elif not -SAFE_INTEGER <= value <= SAFE_INTEGER:
            self.fault("must be an integer that every implementation can hold (53 bits)", *keys)
        elif value < minimum:
            self.fault(f"must not be less than {minimum}", *keys)
        else:
            return value
        return None

    def integers(self, key: str) -> tuple[int, ...] | None:
        """Answer a list of different safe integers, not empty."""
        values = self._list(key)
        if values is None:
            return None
        found = [self._integer(value, key, at) for at, value in enumerate(values)]
        return self._distinct(key, [value for value in found if value is not None], empty=bool(values))

    def texts(
        self,
        key: str,
        *,
        required: bool = False,
        empty: bool = False,
        check: Callable[[str], bool] | None = None,
        what: str = "",
    ) -> tuple[str, ...] | None:
        """Answer a list of different strings; `empty` says that it may have none."""
        values = self._list(key, required=required)
        if values is None:
            return None
        found: list[str] = []
        for at, value in enumerate(values):
            if not isinstance(value, str):
                self.fault("must be a string", key, at)
            elif check is not None and not check(value):
                self.fault(f"must be {what}, not {value!r}", key, at)
            else:
                found.append(value)
        return self._distinct(key, found, empty=empty or bool(values))

    def _list(self, key: str, *, required: bool = False) -> list[Any] | None:
        value = self.raw(key, required=required)
        if value is None or isinstance(value, list):
            return value
        self.fault("must be an array", key)
        return None

    def _distinct(self, key: str, values: list[_T], *, empty: bool = False) -> tuple[_T, ...]:
        for value in sorted({value for value in values if values.count(value) > 1}):
            self.fault(f"names {value!r} more than once", key)
        if not values and not empty:
            self.fault("must not be empty", key)
        return tuple(values)

    def names_of(self, key: str, properties: Iterable[str]) -> frozenset[str]:
        """Answer the names listed below a keyword; each must be one of `properties`."""
        names = self.texts(key, empty=True) or ()
        for name in names:
            if name not in properties:
                self.fault(f"names {name!r}, which is no property", key)
        return frozenset(names)
