"""Python text: templates, docstrings, lines that are too long."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from pathlib import Path
from string import Template

WIDTH = 120

_CLOSING = {"[": "]", "(": ")", "{": "}"}


@cache
def template(name: str) -> Template:
    """Answer a template of `codegen/templates/`."""
    return Template((Path(__file__).parent.parent / "templates" / f"{name}.txt").read_text("utf-8"))


def tidy(text: str) -> str:
    """Answer a module's text with at most two empty lines in a row and none at its end."""
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


def docstring(text: str, indent: str = "") -> str:
    """Answer a docstring, wrapped, indented, escaped so that it is the text and nothing else."""
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    before_quote = escaped.removesuffix('"')
    if before_quote != escaped and (len(before_quote) - len(before_quote.rstrip("\\"))) % 2 == 0:
        escaped = f'{before_quote}\\"'
    paragraphs = [
        textwrap.fill(" ".join(paragraph.split()), WIDTH - len(indent) - 3, break_long_words=False)
        for paragraph in escaped.split("\n\n")
        if paragraph.strip()
    ]
    body = "\n\n".join(paragraphs)
    if "\n" not in body and len(body) + len(indent) + 6 <= WIDTH:
        return f'{indent}"""{body}"""\n'
    first, *rest = body.split("\n")
    lines = [f'{indent}"""{first}', *(f"{indent}{line}".rstrip() for line in rest), f'{indent}"""']
    return "\n".join(lines) + "\n"


def wrapped(line: str, indent: str = "") -> str:
    """Answer a statement in lines of at most 120 characters, broken at its brackets from the outside in."""
    if len(indent) + len(line) <= WIDTH:
        return f"{indent}{line}\n"
    start, end = _widest_bracket(line)
    if end <= start + 1:
        return f"{indent}{line}\n"
    head, body, tail = line[: start + 1], line[start + 1 : end], line[end:]
    deeper = f"{indent}    "
    if len(deeper) + len(body) <= WIDTH:
        inner = f"{deeper}{body}\n"
    else:
        parts = _split(body)
        last = "" if line[start] == "[" else ","
        texts = [f"{part}," for part in parts[:-1]] + [f"{parts[-1]}{last}"]
        inner = "".join(_wrapped_part(text, deeper) for text in texts)
    return f"{indent}{head}\n{inner}{wrapped(tail, indent)}"


def string_parts(text: str, width: int) -> list[str]:
    """Cut a text after spaces into parts of about `width`, to stand as adjacent string literals."""
    parts = [""]
    for word in re.findall(r"\S+ ?", text):
        if parts[-1] and len(parts[-1]) + len(word) > width:
            parts.append("")
        parts[-1] += word
    return parts


def _widest_bracket(line: str) -> tuple[int, int]:
    """Find the outermost pair of brackets that holds the most text."""
    best, depth, opened, quote = (0, 0), 0, 0, ""
    for at, character in enumerate(line):
        if quote:
            if character == quote and line[at - 1] != "\\":
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in _CLOSING:
            opened = opened if depth else at
            depth += 1
        elif character in _CLOSING.values():
            depth -= 1
            if not depth and at - opened > best[1] - best[0]:
                best = (opened, at)
    return best


def _wrapped_part(text: str, indent: str) -> str:
    """Answer a part of what stands in brackets, where a line may also end before a bar."""
    members = _split(text, "|")
    if len(indent) + len(text) <= WIDTH or len(members) < 3:
        return wrapped(text, indent)
    return f"{indent}{members[0]}\n" + "".join(wrapped(f"| {member}", indent) for member in members[1:])


def _split(body: str, separator: str = ",") -> list[str]:
    """Split at the commas, or bars, that stand in no bracket and no string."""
    parts, depth, quote, begin = [], 0, "", 0
    for at, character in enumerate(body):
        if quote:
            if character == quote and body[at - 1] != "\\":
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in _CLOSING:
            depth += 1
        elif character in _CLOSING.values():
            depth -= 1
        elif character == separator and not depth:
            parts.append(body[begin:at].strip())
            begin = at + 1
    return [*parts, body[begin:].strip()] if body[begin:].strip() else parts
