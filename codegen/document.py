"""Parse one lexicon file and hold it against the meta-schema.

The meta-schema is strict: a keyword that a type does not have is refused, since a misspelt constraint that is silently
ignored is worse than none. What can be said of a document alone is said here; what needs others (does a reference lead
anywhere?) in resolve.py.

Source: the lexicon specification; reference implementations' meta-schema for what the text leaves open.
"""

from __future__ import annotations

from codegen import schema
from codegen.metaschema import syntax
from codegen.metaschema.field_types import PRIMARY_TYPES, TYPES, description_of, typed
from codegen.metaschema.node import Node, parse_json, with_article
from codegen.metaschema.primary_types import PRIMARIES
from codegen.problems import Problem, Problems

NAMED_TYPES = frozenset({"boolean", "integer", "string", "bytes", "cid-link", "blob", "array", "object", "token"})
SCHEMA_RECORD = "com.atproto.lexicon.schema"
"""The `$type` that a document carries when it is published as a record."""


def parse_document(
    file: str, text: str, expected_id: str | None = None
) -> tuple[schema.Document | None, list[Problem]]:
    """Parse and validate a lexicon file.

    Args:
        file: its path for people, used in problems.
        text: the JSON.
        expected_id: the NSID that its place in the folder asks for.

    Returns:
        The document and no problems, or None and every problem that was found.
    """
    problems = Problems(file)
    try:
        document = _document(Node(parse_json(text), "$", problems), file, expected_id)
    except ValueError as error:
        problems.add("$", f"is not JSON: {error}")
    except RecursionError:
        problems.add("$", "is nested too deep")
    else:
        if not problems.found:
            return document, []
    return None, problems.found


def _document(node: Node, file: str, expected_id: str | None) -> schema.Document:
    version = node.raw("lexicon", required=True)
    if version is not None and (type(version) is not int or version != 1):
        node.fault(f"must be 1, not {version!r}", "lexicon")
    node.text("$type", check=lambda text: text == SCHEMA_RECORD, what=repr(SCHEMA_RECORD))
    nsid = node.text("id", required=True, check=syntax.is_nsid, what="an NSID") or ""
    if nsid and expected_id is not None and nsid != expected_id:
        node.fault(f"must be {expected_id!r}, as the file's place says, not {nsid!r}", "id")
    defs: dict[str, schema.Definition] = {}
    child = node.child("defs", required=True)
    if child is not None:
        for name in child.names():
            defs[name] = _definition(child, name)
        if not defs and child.is_object:
            child.fault("must have a definition")
    document = schema.Document(
        file=file, id=nsid, revision=node.integer("revision"), description=description_of(node), defs=defs
    )
    node.close("a lexicon")
    return document


def _definition(defs: Node, name: str) -> schema.Definition:
    if not syntax.is_definition_name(name):
        defs.fault("must be a name of letters, digits, - and _ that begins with a letter", name)
    node = defs.child(name, required=True)
    kind = node.text("type", required=True) if node is not None else None
    if node is None or kind is None:
        return schema.Unknown()
    if kind in PRIMARY_TYPES:
        if name != "main":
            node.fault(f"must be 'main' to be a {kind}")
        return PRIMARIES[kind](node)
    if kind in NAMED_TYPES:
        return typed(node, kind)
    if kind in TYPES or kind == "params":
        node.fault(f"must not be {with_article(kind)}: it has a meaning only inside another definition", "type")
    else:
        node.fault(f"is not a type: {kind!r}", "type")
    return schema.Unknown()
