"""Names in Python for names in lexicons.

app.rocksky.scrobble.createScrobble   tonearm.lexicons.app.rocksky.scrobble.create_scrobble
app.rocksky.scrobble                  tonearm.lexicons.app.rocksky.scrobble.main, as a package has its name
albumArtUrl                           album_art_url
#scrobbleViewBasic                    ScrobbleViewBasic
#spam, a token                        SPAM
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# Names that a field must not take: methods of every model, and what the annotations of later fields refer to.
# fmt: off
_RESERVED = frozenset(
    {
        "bool", "bytes", "constraints", "construct", "copy", "dict", "extended", "from_answer", "from_data",
        "from_orm", "from_query", "from_wire", "int", "json", "list", "model_computed_fields", "model_config",
        "model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields",
        "model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild",
        "model_validate", "model_validate_json", "model_validate_strings", "models", "parse_file", "parse_obj",
        "parse_raw", "schema", "schema_json", "str", "to_data", "to_wire", "update_forward_refs", "validate",
        "values",
    }
)
# fmt: on

_WORD_END = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^a-zA-Z0-9]+")


def snake_case(name: str) -> str:
    """Answer `album_art_url` for `albumArtURL`; always an identifier and never a keyword."""
    snake = _NO_NAME.sub("_", _WORD_END.sub("_", name)).strip("_").lower() or "empty"
    if snake[0].isdigit():
        snake = f"n{snake}"
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def pascal_case(name: str) -> str:
    """Answer `ScrobbleViewBasic` for `scrobbleViewBasic`; always an identifier."""
    pascal = "".join(word[0].upper() + word[1:] for word in _NO_NAME.split(name) if word) or "Empty"
    pascal = f"N{pascal}" if pascal[0].isdigit() else pascal
    return f"{pascal}_" if keyword.iskeyword(pascal) else pascal


def constant_case(name: str) -> str:
    """Answer `APP_ROCKSKY_SCROBBLE` for `app.rocksky.scrobble`."""
    return snake_case(name).rstrip("_").upper()


def attribute_names(properties: Iterable[str]) -> dict[str, str]:
    """Answer the attribute of each property; where two would share one, the later gets a number."""
    attributes: dict[str, str] = {}
    for name in properties:
        attribute = snake_case(name)
        if attribute in _RESERVED:
            attribute = f"{attribute}_"
        attributes[name] = unused(attribute, attributes.values())
    return attributes


def unused(name: str, taken: Collection[str]) -> str:
    """Answer `name`, or `name_2`, `name_3`... when it is taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def module_names(nsids: Collection[str], package: str) -> dict[str, str]:
    """Answer the dotted module of each NSID in a package. Two NSIDs may share one: the caller refuses that."""
    parts = {nsid: tuple(snake_case(part) for part in nsid.split(".")) for nsid in nsids}
    packages = {path[:length] for path in parts.values() for length in range(1, len(path))}
    return {
        nsid: ".".join((package, *path, "main") if path in packages else (package, *path))
        for nsid, path in parts.items()
    }
