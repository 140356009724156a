"""All documents together: what each reference means and what everything is called.

Every reference that leads nowhere is reported, with its file and place, in one run; the rest of the tree is still
generated. A dangling reference then stands for an unknown object, a dangling member of a union is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen import schema
from codegen.document import parse_document
from codegen.names import module_names
from codegen.problems import Problem, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PACKAGE = "tonearm.lexicons"


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to."""

    document: schema.Document
    name: str
    definition: schema.Definition

    @property
    def full_name(self) -> str:
        """The name that stands as `$type`: `nsid`, or `nsid#name`."""
        return self.document.id if self.name == "main" else f"{self.document.id}#{self.name}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The documents of a run, in the order of their NSIDs."""

    documents: Mapping[str, schema.Document]
    package: str
    modules: Mapping[str, str]

    @classmethod
    def of(cls, documents: Iterable[schema.Document], package: str = PACKAGE) -> Catalog:
        """Order the documents and name their modules in a package."""
        ordered = {document.id: document for document in sorted(documents, key=lambda document: document.id)}
        return cls(ordered, package, module_names(ordered, package))

    def place_of(self, module: str) -> str:
        """Answer the dotted name of a module within the package."""
        return module.removeprefix(f"{self.package}.")

    def find(self, document: schema.Document, ref: str) -> Target | None:
        """Answer what a reference in a document leads to, None when it dangles."""
        nsid, _, name = ref.partition("#")
        found = self.documents.get(nsid or document.id)
        definition = None if found is None else found.defs.get(name or "main")
        return None if found is None or definition is None else Target(found, name or "main", definition)

    def problems(self) -> list[Problem]:
        """Answer every fault that a document alone does not show."""
        found = [problem for document in self.documents.values() for problem in self._problems_of(document)]
        return sorted({*found, *self._shared_modules()})

    def _problems_of(self, document: schema.Document) -> Iterator[Problem]:
        for name, definition in document.defs.items():
            path = under("$.defs", name)
            for at, place in places(definition, path):
                for reason in self._faults(document, at):
                    yield Problem(document.file, place, reason)
            if isinstance(definition, schema.Array) and self._holds_itself(document, definition, (document.id, name)):
                yield Problem(document.file, path, "is an array that holds itself without an object between")

    def _faults(self, document: schema.Document, at: schema.Ref | schema.Union) -> Iterator[str]:
        in_union = isinstance(at, schema.Union)
        members: dict[str, str] = {}
        for ref in at.refs if isinstance(at, schema.Union) else (at.ref,):
            target = self.find(document, ref)
            if target is None:
                yield f"refers to {ref!r}, which does not exist"
            elif in_union and not isinstance(target.definition, schema.Object | schema.Record):
                yield f"refers to {ref!r}, which is no object and cannot be told by a $type"
            elif not isinstance(target.definition, schema.Type | schema.Record):
                yield f"refers to {ref!r}, which is a method or a permission set and no value"
            elif members.setdefault(target.full_name, ref) != ref:
                yield f"refers to {target.full_name!r} twice"

    def _holds_itself(self, document: schema.Document, array: schema.Array, start: tuple[str, str]) -> bool:
        items: schema.Type = array.items
        seen: set[tuple[str, str]] = set()
        while True:
            while isinstance(items, schema.Array):
                items = items.items
            target = self.find(document, items.ref) if isinstance(items, schema.Ref) else None
            if target is None or not isinstance(target.definition, schema.Array):
                return False
            key = (target.document.id, target.name)
            if key == start:
                return True
            if key in seen:
                return False
            seen.add(key)
            document, items = target.document, target.definition

    def _shared_modules(self) -> Iterator[Problem]:
        nsid_of: dict[str, str] = {}
        for nsid, module in self.modules.items():
            other = nsid_of.setdefault(module, nsid)
            if other != nsid:
                reason = f"would be the module {module}, which {other!r} is"
                yield Problem(self.documents[nsid].file, "$.id", reason)


def places(definition: object, path: str) -> Iterator[tuple[schema.Ref | schema.Union, str]]:
    """Yield every reference and union of a definition with its JSON path."""
    if isinstance(definition, schema.Ref):
        yield definition, under(path, "ref")
    elif isinstance(definition, schema.Union):
        yield definition, under(path, "refs")
    else:
        for key, child in _children(definition):
            below = path
            for step in key:
                below = under(below, step)
            yield from places(child, below)


def _children(definition: object) -> Iterator[tuple[tuple[str, ...], object]]:
    match definition:
        case schema.Array():
            yield ("items",), definition.items
        case schema.Object() | schema.Params():
            for name, child in definition.properties.items():
                yield ("properties", name), child
        case schema.Record():
            yield ("record",), definition.record
        case schema.Query():
            yield ("output", "schema"), definition.output and definition.output.schema
        case schema.Procedure():
            yield ("input", "schema"), definition.input and definition.input.schema
            yield ("output", "schema"), definition.output and definition.output.schema
        case schema.Subscription():
            yield ("message", "schema"), definition.message


def read_catalog(folder: Path, package: str = PACKAGE) -> tuple[Catalog, list[Problem]]:
    """Parse every `*.json` below a folder, in which the path of a file is its NSID.

    Returns:
        What could be parsed, and every problem of every file, those of references included.
    """
    documents: list[schema.Document] = []
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.json")):
        place = path.relative_to(folder)
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            problems.append(Problem(place.as_posix(), "$", "is not UTF-8"))
            continue
        document, found = parse_document(place.as_posix(), text, ".".join(place.with_suffix("").parts))
        problems += found
        if document is not None:
            documents.append(document)
    catalog = Catalog.of(documents, package)
    return catalog, [*problems, *catalog.problems()]
