"""Names, docstrings, long lines and import circles: the small tools of the emitter."""

from __future__ import annotations

import ast

import pytest

from codegen.emit.imports import circles
from codegen.emit.text import WIDTH, docstring, string_parts, tidy, wrapped
from codegen.names import attribute_names, constant_case, module_names, pascal_case, snake_case, unused
from tonearm.xrpc import models


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("title", "title"),
        ("albumArtUrl", "album_art_url"),
        ("albumArtURL", "album_art_url"),
        ("URLOfThing", "url_of_thing"),
        ("user1Rank", "user1_rank"),
        ("sha256", "sha256"),
        ("mbId", "mb_id"),
        ("foo-bar.baz", "foo_bar_baz"),
        ("class", "class_"),
        ("None", "none"),
        ("3d", "n3d"),
        ("\u00e9", "empty"),
        ("_x_", "x"),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake
    assert snake.isidentifier()


def test_pascal_and_constant_case() -> None:
    assert pascal_case("scrobbleViewBasic") == "ScrobbleViewBasic"
    assert pascal_case("foo-bar_baz") == "FooBarBaz"
    assert pascal_case("none") == "None_"
    assert pascal_case("3d") == "N3d"
    assert constant_case("app.rocksky.scrobble.createScrobble") == "APP_ROCKSKY_SCROBBLE_CREATE_SCROBBLE"
    assert constant_case("class") == "CLASS"


def test_attributes_are_unique_and_never_names_of_the_base_class() -> None:
    names = ["fooBar", "foo_bar", "foo-bar", "copy", "to_data", "model_dump", "values"]
    assert list(attribute_names(names).values()) == [
        "foo_bar",
        "foo_bar_2",
        "foo_bar_3",
        "copy_",
        "to_data_",
        "model_dump_",
        "values_",
    ]
    assert unused("a", {"a", "a_2"}) == "a_3"


def test_every_name_of_the_base_classes_is_reserved() -> None:
    taken = {name for base in (models.Params, models.Output, models.Record) for name in dir(base) if name[0] != "_"}
    lower = {name for name in taken if name.islower()}
    assert {attribute_names([name])[name] for name in lower} == {f"{name}_" for name in lower}


def test_a_record_beside_a_namespace_is_its_main_module() -> None:
    assert module_names(["a.b.c", "a.b.c.doIt", "a.b.d"], "pkg") == {
        "a.b.c": "pkg.a.b.c.main",
        "a.b.c.doIt": "pkg.a.b.c.do_it",
        "a.b.d": "pkg.a.b.d",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Short.",
        'Ends with "quotes"',
        'Has """three""" of them',
        '"""',
        '"',
        "\\",
        'Ends with a backslash and a quote \\"',
        "word " * 80,
        "One paragraph.\n\nAnother " + "long " * 60,
        "\u00e9 \U0001f600 {braces} $dollar %s \\N{DASH}",
        "x" * 300,
    ],
)
def test_a_docstring_says_the_text_and_nothing_else(text: str) -> None:
    for indent in ("", "    "):
        source = f"{'class A:' if indent else ''}\n{docstring(text, indent)}"
        tree = ast.parse(source)
        said = ast.get_docstring(tree.body[0] if indent else tree)
        assert said is not None
        assert said.split() == text.split()
        assert all(len(line) <= WIDTH or "x" * 100 in line for line in source.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "x = 1",
        f"x = call({', '.join(f'argument_{number}' for number in range(20))})",
        f"x = call({', '.join(repr(f'text, with ( and [ {number}') for number in range(20))})",
        f"x: Annotated[list[Literal[{', '.join(repr(str(number) * 9) for number in range(20))}]], Items(maximum=3)] = 5",
        f"x = call(inner({', '.join(f'argument_{number}' for number in range(20))}), other=[{', '.join('abcdef' * 1 for _ in range(20))}])",
    ],
)
def test_a_wrapped_line_means_the_same(line: str) -> None:
    text = wrapped(line)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line))
    assert all(len(part) <= WIDTH for part in text.splitlines())


def test_string_parts_are_the_string() -> None:
    text = "Annotated[" + " | ".join(f"member_{number}" for number in range(40)) + "]"
    parts = string_parts(text, 60)
    assert "".join(parts) == text
    assert all(len(part) <= 70 for part in parts)


def test_tidy_text_has_no_gaps() -> None:
    assert tidy("a\n\n\n\n\n\nb\n\n\n") == "a\n\n\nb\n"


def test_circles_are_what_reaches_itself() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set(), "f": {"f", "elsewhere"}}
    found = circles(graph)
    assert found["a"] == found["b"] == found["c"]
    assert len({found["a"], found["d"], found["e"], found["f"]}) == 4


def test_a_long_chain_of_modules_is_no_problem() -> None:
    graph = {f"m{number:05}": {f"m{number + 1:05}"} for number in range(5000)} | {"m05000": {"m00000"}}
    assert len(set(circles(graph).values())) == 1


def test_a_long_union_has_a_line_for_each_member() -> None:
    members = [f"module_{number}.ClassWithALongName" for number in range(8)]
    line = f"x: Annotated[{' | '.join(members)}, OpenUnion('a', 'b')] | None = None"
    text = wrapped(line, "")
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line))
    assert [part.strip() for part in text.splitlines()][1:9] == [
        members[0],
        *(f"| {name}" for name in members[1:-1]),
        f"| {members[-1]},",
    ]
