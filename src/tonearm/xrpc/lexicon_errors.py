"""What a caller is told of a value that breaks its lexicon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto.place import key_text

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


class LexiconError(ValueError):
    """A value that breaks its lexicon. `path` is where ("track/name", "" for the whole), `message` the broken rule."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message

    @classmethod
    def of(cls, error: ValidationError) -> LexiconError:
        """Answer the first problem that pydantic found, in the lexicon's words."""
        first = error.errors(include_url=False)[0]
        # NOTE: a union's tag, which is an NSID or "", stands in the location as if it were a key.
        path = [key_text(part) for part in first["loc"] if not (isinstance(part, str) and (not part or "." in part))]
        return cls("/".join(path), _message(first))


_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} bytes",
    "string_unicode": "must be valid Unicode",
    "int_type": "must be an integer",
    "greater_than_equal": "must not be less than {ge}",
    "less_than_equal": "must not be greater than {le}",
    "bool_type": "must be a boolean",
    "literal_error": "must be {expected}",
    "list_type": "must be an array",
    "too_short": "must not have less than {min_length} elements",
    "too_long": "must not have more than {max_length} elements",
    "bytes_type": "must be bytes",
    "bytes_too_short": "must not be shorter than {min_length} bytes",
    "bytes_too_long": "must not be longer than {max_length} bytes",
    "is_instance_of": "must be a link",
    "none_required": "must be null",
    "model_type": "must be an object",
    "union_tag_not_found": "must be an object with a $type",
    "union_tag_invalid": "must be one of {expected_tags}",
    "recursion_loop": "must not be nested so deep",
}


def _message(error: ErrorDetails) -> str:
    if error["input"] is None and error["type"] != "none_required":
        return "must not be null"
    template = _MESSAGES.get(error["type"])
    return template.format(**error.get("ctx", {})) if template else error["msg"]
