"""Golden trees: each case is a folder of lexicons and the text of every file that they give.

To take over a change that is meant: TONEARM_UPDATE_CASES=1 scripts/test tests/codegen/test_cases.py, then read the
difference.
"""

from __future__ import annotations

import ast
import importlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.drift import MARK
from codegen.emit.text import WIDTH
from codegen.render import render
from codegen.resolve import Catalog, read_catalog
from tonearm.xrpc.models import Model

if TYPE_CHECKING:
    from tests.codegen.conftest import Compiler

ROOT = Path(__file__).parent.parent.parent
CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
PACKAGE = "tonearm.lexicons"


def generated(case: Path, package: str = PACKAGE) -> dict[str, str]:
    catalog, problems = read_catalog(case / "lexicons", package)
    assert problems == []
    return render(catalog)


def as_one_text(files: dict[str, str]) -> str:
    return "".join(f"==> {path}\n{text}" for path, text in files.items())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_the_expected_tree(case: Path) -> None:
    text = as_one_text(generated(case))
    expected = case / "expected.txt"
    if os.environ.get("TONEARM_UPDATE_CASES") == "1":
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_order_of_documents_does_not_matter(case: Path) -> None:
    catalog, _ = read_catalog(case / "lexicons")
    documents = list(catalog.documents.values())
    for seed in range(3):
        random.Random(seed).shuffle(documents)
        assert render(Catalog.of(documents)) == generated(case)


def test_the_hash_seed_does_not_matter() -> None:
    script = (
        "import sys, hashlib, pathlib; from codegen.render import render; from codegen.resolve import read_catalog\n"
        "for case in sorted(pathlib.Path('tests/codegen/cases').iterdir()):\n"
        "    files = render(read_catalog(case / 'lexicons')[0])\n"
        "    print(case.name, hashlib.sha256(repr(files).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_generated_text_is_marked_tidy_python(case: Path) -> None:
    for path, text in generated(case).items():
        assert text.startswith(MARK), path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert all(line == line.rstrip() for line in text.splitlines()), path
        assert "\n\n\n\n" not in text, path
        assert ast.get_docstring(ast.parse(text)), path
        if not path.startswith("router."):
            assert max(map(len, text.splitlines())) <= WIDTH, path


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case as a package of its own, `case_scalars` and so on, in one folder."""
    folder = tmp_path_factory.mktemp("cases")
    for case in CASES:
        for path, text in generated(case, f"case_{case.name}").items():
            target = folder / f"case_{case.name}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
    return folder


MYPY = """
[mypy]
strict = true
warn_unreachable = true
plugins = pydantic.mypy
mypy_path = {source}
[mypy-cbrrr.*,libipld.*,regex.*,coincurve.*,brotli.*]
ignore_missing_imports = true
[pydantic-mypy]
init_forbid_extra = true
init_typed = true
"""

RIGHT = """
from case_methods.com.example import ask, tell, upload, choose
from case_methods.router import Router
from case_unions.com.example import embed, post
from case_subscription.com.example.sync import events
from tonearm.xrpc.auth import ANYONE
from tonearm.xrpc.method import BinaryInput, ProcedureCall, QueryCall, SubscriptionCall
from collections.abc import AsyncGenerator

class Store: ...
class Better(Store): ...

async def on_ask(call: QueryCall[ask.Params], store: Store, limit: int) -> ask.Output:
    limit = call.params.limit
    tags: list[str] | None = call.params.tags
    return ask.Output(things=[ask.OutputThingsItem(name="x")], cursor=None)

async def on_tell(call: ProcedureCall[tell.Params, tell.Input]) -> tell.Output:
    level: int | None = call.input.level
    loud: bool = call.input.loud
    return tell.Output()

async def on_upload(call: ProcedureCall[upload.Params, BinaryInput], store: Store) -> upload.Output:
    raise NotImplementedError

async def on_nothing(call: ProcedureCall[object, None]) -> None: ...

async def on_events(call: SubscriptionCall[events.Params], store: Store) -> AsyncGenerator[events.Message | bytes, None]:
    cursor: int | None = call.params.cursor
    yield events.Info(name="x")
    yield b""

def wire(router: Router) -> None:
    router.com_example.ask(ANYONE, on_ask, Better(), 3)
    router.com_example.ask(ANYONE, on_ask, Better(), limit=3)
    router.com_example.tell(ANYONE, on_tell)
    router.com_example.upload(ANYONE, on_upload, Store())

value = post.Record(body=embed.Link(uri="https://example.com"), embed={"$type": "x.y.z"})
if isinstance(value.body, embed.Link):
    uri: str = value.body.uri
"""

WRONG = """
from case_methods.com.example import ask, tell, upload
from case_methods.router import Router
from case_unions.com.example import embed, post
from tonearm.xrpc.auth import ANYONE
from tonearm.xrpc.method import ProcedureCall, QueryCall

class Store: ...
class Other: ...

async def on_ask(call: QueryCall[ask.Params], store: Store) -> ask.Output:
    raise NotImplementedError
async def answers_wrong(call: QueryCall[ask.Params], store: Store) -> tell.Output:
    raise NotImplementedError
async def takes_wrong(call: QueryCall[tell.Params], store: Store) -> ask.Output:
    raise NotImplementedError
def not_async(call: QueryCall[ask.Params]) -> ask.Output:
    raise NotImplementedError
async def no_input(call: QueryCall[upload.Params]) -> upload.Output:
    raise NotImplementedError

def wire(router: Router) -> None:
    router.com_example.ask(ANYONE, on_ask, Other())  # error: arg-type
    router.com_example.ask(ANYONE, on_ask)  # error: call-arg
    router.com_example.ask(ANYONE, on_ask, Store(), 3)  # error: call-arg
    router.com_example.ask(ANYONE, answers_wrong, Store())  # error: arg-type
    router.com_example.ask(ANYONE, takes_wrong, Store())  # error: arg-type
    router.com_example.ask(ANYONE, not_async)  # error: arg-type
    router.com_example.ask(on_ask, Store())  # error: arg-type
    router.com_example.tell(ANYONE, on_ask, Store())  # error: arg-type
    router.com_example.unheard(ANYONE, on_ask)  # error: attr-defined
    router.com_other  # error: attr-defined

ask.Output(thing=[])  # error: call-arg
ask.Output(things=["x"])  # error: list-item
post.Record(body=embed.Link(url="x"))  # error: call-arg
post.Record(body={"$type": "x.y.z"})  # error: arg-type
post.Record(body=None)  # error: arg-type
ask.Params(did="x").limit.upper()  # error: attr-defined
"""


def test_every_generated_tree_is_strictly_typed_and_wrong_handlers_are_refused(packages: Path) -> None:
    (packages / "right.py").write_text(RIGHT)
    (packages / "wrong.py").write_text(WRONG)
    config = packages / "mypy.ini"
    config.write_text(MYPY.format(source=ROOT / "src"))
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--no-pretty", "--hide-error-context", "."],
        cwd=packages,
        env=os.environ | {"MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "cases")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {
        (line.split(":")[0], int(line.split(":")[1]), line.rpartition("[")[2].rstrip("]"))
        for line in result.stdout.splitlines()
        if ": error: " in line
    }
    expected = {
        ("wrong.py", number, line.partition("# error: ")[2])
        for number, line in enumerate(WRONG.splitlines(), 1)
        if "# error: " in line
    }
    assert found == expected, result.stdout + result.stderr


def test_every_module_of_every_case_can_be_imported_and_its_models_built(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(packages))
    built = 0
    for case in CASES:
        catalog, _ = read_catalog(case / "lexicons", f"case_{case.name}")
        for name in [*catalog.modules.values(), f"case_{case.name}.nsids", f"case_{case.name}.router"]:
            module = importlib.import_module(name)
            for model in vars(module).values():
                if isinstance(model, type) and issubclass(model, Model) and model.__module__ == name:
                    assert model.model_rebuild(force=True)
                    built += 1
    assert built > 50


def test_importing_a_package_imports_no_module_of_it(compiled: Compiler) -> None:
    thing = {"lexicon": 1, "id": "com.example.one", "defs": {"x": {"type": "token"}}}
    other = {"lexicon": 1, "id": "com.example.two.three", "defs": {"x": {"type": "object", "properties": {}}}}
    tree = compiled(thing, other)
    package = importlib.import_module(f"{tree.catalog.package}.com.example")
    loaded = [name for name in sys.modules if name.startswith(tree.catalog.package)]
    assert sorted(loaded) == [
        tree.catalog.package,
        f"{tree.catalog.package}.com",
        f"{tree.catalog.package}.com.example",
    ]
    assert package.one.X == "com.example.one#x"
    assert package.two.three.X.TYPE == "com.example.two.three#x"
    with pytest.raises(AttributeError, match="has no attribute 'four'"):
        _ = package.four
