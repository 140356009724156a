"""Whether new versions of documents may follow old ones, by the rules of lexicon evolution.

The principle has two sides: data of the old version is valid under the new one, and data of the new version is valid
under the old one, since writers and readers never change on the same day. Therefore:

forbidden   a property becomes required or stops being so; a required one is removed; a new one is required
            a property becomes nullable or stops being so
            a type, a format, a const, an enum, the key of a record, an encoding changes
            a bound is added or drawn tighter; a blob accepts fewer media types
            a union is opened or closed; a closed union changes; an open one loses a member
            a document, a definition, a parameters, input, output or message part disappears or newly appears
warned of   a bound is loosened or removed: old readers refuse what it newly lets in
allowed     everything else: new documents, definitions and optional properties, new members of an open union, optional
            properties that go away, defaults, known values, descriptions, declared errors (a client must expect any),
            the permissions of a set (they are no data)

Source: the lexicon specification, "Lexicon Evolution" and "union".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen import schema
from codegen.metaschema.node import with_article
from codegen.problems import under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codegen.resolve import Catalog


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A change that old or new data would not survive; with `forbidden` False only data at the new bounds."""

    file: str
    path: str
    reason: str
    forbidden: bool = True

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {'' if self.forbidden else 'warning: '}{self.reason}"


def changes(old: Catalog, new: Catalog) -> list[Change]:
    """Compare all documents of an old version with the new ones."""
    found: list[Change] = []
    for nsid, document in old.documents.items():
        successor = new.documents.get(nsid)
        if successor is None:
            found.append(Change(document.file, "$", "was removed"))
        else:
            found += _Comparison(old, new, document, successor).run()
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The documents in which two definitions stand, which their references are relative to."""

    old: schema.Document
    new: schema.Document


class _Comparison:
    """One document against its successor."""

    def __init__(self, old: Catalog, new: Catalog, document: schema.Document, successor: schema.Document) -> None:
        self._old = old
        self._new = new
        self._sides = _Sides(document, successor)
        self._found: list[Change] = []
        self._visited: set[tuple[str, str]] = set()

    def run(self) -> list[Change]:
        for name, definition in self._sides.old.defs.items():
            path = under("$.defs", name)
            successor = self._sides.new.defs.get(name)
            if successor is None:
                self._forbid(path, "was removed")
            else:
                self._compare(definition, successor, path, self._sides)
        return self._found

    def _forbid(self, path: str, reason: str) -> None:
        self._found.append(Change(self._sides.new.file, path, reason))

    def _compare(self, old: schema.Definition, new: schema.Definition, path: str, sides: _Sides) -> None:
        if isinstance(old, schema.Ref) or isinstance(new, schema.Ref):
            self._references(old, new, path, sides)
        elif type(old) is not type(new):
            self._forbid(path, f"is {_kind(new)} and was {_kind(old)}")
        else:
            self._same_type(old, new, path, sides)

    def _same_type(self, old: schema.Definition, new: schema.Definition, path: str, sides: _Sides) -> None:
        match old, new:
            case schema.Record(), schema.Record():
                self._equal(path, "key", old.key, new.key)
                self._compare(old.record, new.record, f"{path}.record", sides)
            case schema.Query(), schema.Query():
                self._method(old, new, path, sides)
            case schema.Procedure(), schema.Procedure():
                self._method(old, new, path, sides)
                self._body(old.input, new.input, f"{path}.input", sides)
            case schema.Subscription(), schema.Subscription():
                self._parameters(old.parameters, new.parameters, path, sides)
                self._part(old.message, new.message, f"{path}.message.schema", sides)
            case schema.Object(), schema.Object():
                self._properties(old, new, path, sides)
                self._nullable(old, new, path)
            case schema.Array(), schema.Array():
                self._bounds(path, old, new, ("minLength", "min_length"), ("maxLength", "max_length"))
                self._compare(old.items, new.items, under(path, "items"), sides)
            case schema.Union(), schema.Union():
                self._union(old, new, path, sides)
            case _:
                self._scalar(old, new, path)

    def _method(
        self,
        old: schema.Query | schema.Procedure,
        new: schema.Query | schema.Procedure,
        path: str,
        sides: _Sides,
    ) -> None:
        self._parameters(old.parameters, new.parameters, path, sides)
        self._body(old.output, new.output, f"{path}.output", sides)

    def _body(self, old: schema.Body | None, new: schema.Body | None, path: str, sides: _Sides) -> None:
        if old is None or new is None:
            if old is not new:
                self._forbid(path, "was removed" if new is None else "was added")
            return
        self._equal(path, "encoding", old.encoding, new.encoding)
        self._part(old.schema, new.schema, f"{path}.schema", sides)

    def _parameters(self, old: schema.Params | None, new: schema.Params | None, path: str, sides: _Sides) -> None:
        """Compare parameters, which may come and go as long as none is required."""
        none = schema.Params(properties={})
        self._properties(old or none, new or none, f"{path}.parameters", sides)

    def _part(self, old: schema.Type | None, new: schema.Type | None, path: str, sides: _Sides) -> None:
        """Compare what may be absent."""
        if old is not None and new is not None:
            self._compare(old, new, path, sides)
        elif old is not new:
            self._forbid(path, "was removed" if new is None else "was added")

    def _properties(
        self, old: schema.Object | schema.Params, new: schema.Object | schema.Params, path: str, sides: _Sides
    ) -> None:
        for name, definition in old.properties.items():
            below = under(f"{path}.properties", name)
            if name in new.properties:
                self._presence(name in old.required, name in new.required, below)
                self._compare(definition, new.properties[name], below, sides)
            elif name in old.required:
                self._forbid(below, "was required and was removed")
        for name in new.properties:
            if name not in old.properties and name in new.required:
                self._forbid(under(f"{path}.properties", name), "is new and required")

    def _nullable(self, old: schema.Object, new: schema.Object, path: str) -> None:
        for name in (old.nullable ^ new.nullable) & old.properties.keys() & new.properties.keys():
            change = "may be null, which it might not" if name in new.nullable else "may not be null, which it might"
            self._forbid(under(f"{path}.properties", name), change)

    def _presence(self, was_required: bool, is_required: bool, path: str) -> None:
        if is_required and not was_required:
            self._forbid(path, "is required and was optional")
        elif was_required and not is_required:
            self._forbid(path, "is optional and was required")

    def _union(self, old: schema.Union, new: schema.Union, path: str, sides: _Sides) -> None:
        if old.closed != new.closed:
            self._forbid(path, f"is {'closed' if new.closed else 'open'} and was not")
        before = {_full_name(ref, sides.old) for ref in old.refs}
        after = {_full_name(ref, sides.new) for ref in new.refs}
        for name in sorted(before - after):
            self._forbid(path, f"has lost the member {name!r}")
        if old.closed and new.closed:
            for name in sorted(after - before):
                self._forbid(path, f"is closed and has the new member {name!r}")

    def _references(self, old: schema.Definition, new: schema.Definition, path: str, sides: _Sides) -> None:
        """Compare through references. The same target is compared where it stands; another must have the same shape."""
        names = (_name_of(old, sides.old), _name_of(new, sides.new))
        if names[0] == names[1] or names in self._visited:
            return
        self._visited.add(names)
        before = self._old.find(sides.old, old.ref) if isinstance(old, schema.Ref) else None
        after = self._new.find(sides.new, new.ref) if isinstance(new, schema.Ref) else None
        if (isinstance(old, schema.Ref) and before is None) or (isinstance(new, schema.Ref) and after is None):
            self._forbid(path, f"refers to {names[1]!r} and was {names[0]!r}, of which one does not exist")
            return
        there = _Sides(before.document if before else sides.old, after.document if after else sides.new)
        self._compare(before.definition if before else old, after.definition if after else new, path, there)

    def _scalar(self, old: schema.Definition, new: schema.Definition, path: str) -> None:
        for keyword in ("format", "const"):
            self._equal(path, keyword, getattr(old, keyword, None), getattr(new, keyword, None))
        before, after = getattr(old, "enum", None), getattr(new, "enum", None)
        if set(before or ()) != set(after or ()):
            self._forbid(path, f"has the enum {_shown(after)} and had {_shown(before)}")
        if isinstance(old, schema.Blob) and isinstance(new, schema.Blob):
            self._accepted(old.accept, new.accept, path)
        self._bounds(
            path,
            old,
            new,
            ("minimum", "minimum"),
            ("maximum", "maximum"),
            ("minLength", "min_length"),
            ("maxLength", "max_length"),
            ("minGraphemes", "min_graphemes"),
            ("maxGraphemes", "max_graphemes"),
            ("maxSize", "max_size"),
        )

    def _accepted(self, old: Sequence[str] | None, new: Sequence[str] | None, path: str) -> None:
        lost = [glob for glob in (old or ["*/*"]) if not _covered(glob, new or ["*/*"])]
        gained = [glob for glob in (new or ["*/*"]) if not _covered(glob, old or ["*/*"])]
        if lost:
            self._forbid(path, f"accepts {_shown(new)} and no longer all of {_shown(old)}")
        elif gained:
            self._warn(path, f"accepts {_shown(new)} and accepted only {_shown(old)}")

    def _equal(self, path: str, keyword: str, old: object, new: object) -> None:
        if old != new or type(old) is not type(new):
            self._forbid(path, f"has the {keyword} {_shown(new)} and had {_shown(old)}")

    def _warn(self, path: str, reason: str) -> None:
        self._found.append(Change(self._sides.new.file, path, reason, forbidden=False))

    def _bounds(self, path: str, old: schema.Definition, new: schema.Definition, *keywords: tuple[str, str]) -> None:
        for keyword, attribute in keywords:
            before: int | None = getattr(old, attribute, None)
            after: int | None = getattr(new, attribute, None)
            if before == after:
                continue
            if before is None or (after is not None and (after < before) == keyword.startswith("max")):
                self._forbid(path, f"has the {keyword} {_shown(after)} and had {_shown(before)}, which let more in")
            else:
                self._warn(path, f"has the {keyword} {_shown(after)} and had {_shown(before)}, which let less in")


def _kind(definition: schema.Definition) -> str:
    return with_article(type(definition).__name__.lower())


def _full_name(ref: str, document: schema.Document) -> str:
    nsid, _, name = ref.partition("#")
    return f"{nsid or document.id}#{name}" if name and name != "main" else nsid or document.id


def _name_of(definition: schema.Definition, document: schema.Document) -> str:
    if isinstance(definition, schema.Ref):
        return _full_name(definition.ref, document)
    return f"{_kind(definition)} of its own"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else repr(value)


def _covered(glob: str, by: Sequence[str]) -> bool:
    kind = glob.partition("/")[0]
    return any(other in {"*/*", glob, f"{kind}/*"} for other in by)


def report(found: Sequence[Change]) -> Iterator[str]:
    """Yield the lines for people, what is forbidden first."""
    yield from (str(change) for change in sorted(found, key=lambda change: (not change.forbidden, change)))
