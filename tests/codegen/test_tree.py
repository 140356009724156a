"""The committed tree as a whole: it imports, builds, and is complete."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import TypeAdapter

from codegen import schema
from codegen.names import snake_case
from codegen.resolve import Catalog, read_catalog
from tonearm.lexicons import nsids
from tonearm.lexicons.router import Router
from tonearm.xrpc.method import Procedure, Query, Subscription
from tonearm.xrpc.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
KINDS = {"query": Query, "procedure": Procedure, "subscription": Subscription}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    catalog, problems = read_catalog(ROOT / "lexicons")
    assert problems == []
    return catalog


def models_of(catalog: Catalog) -> Iterator[type[Model]]:
    for name in catalog.modules.values():
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Model) and value.__module__ == name:
                yield value


def test_every_model_can_be_built(catalog: Catalog) -> None:
    built = [model for model in models_of(catalog) if model.model_rebuild() is not False]
    assert len(built) > len(catalog.documents)
    assert all(model.__pydantic_complete__ for model in built)


def test_every_default_obeys_its_own_rule(catalog: Catalog) -> None:
    checked = 0
    for model in models_of(catalog):
        for field in model.model_fields.values():
            if field.default is None or field.is_required():
                continue
            annotation: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
            assert TypeAdapter(annotation).validate_python(field.default, strict=True) == field.default
            checked += 1
    assert checked > 5


def test_the_router_knows_every_callable_method_and_its_module(catalog: Catalog) -> None:
    methods = {nsid for nsid, document in catalog.documents.items() if isinstance(document.main, schema.Method)}
    assert set(Router.METHODS) == methods
    router = Router(authenticator=None)
    for nsid, (kind, module) in Router.METHODS.items():
        method = importlib.import_module(module).METHOD
        assert isinstance(method, KINDS[kind])
        assert method.nsid == nsid
        group, _, leaf = nsid.rpartition(".")
        assert callable(getattr(getattr(router, snake_case(group)), snake_case(leaf)))


def test_every_lexicon_has_its_name_as_a_constant(catalog: Catalog) -> None:
    assert {value for name, value in vars(nsids).items() if name.isupper()} == set(catalog.documents)


def test_the_names_and_the_packages_cost_no_models() -> None:
    script = (
        "import sys\n"
        "from tonearm.lexicons import nsids\n"
        "from tonearm.lexicons.app.rocksky import scrobble as lex\n"
        "assert 'pydantic' not in sys.modules\n"
        "assert not any(name.startswith('tonearm.lexicons.app.rocksky.scrobble.') for name in sys.modules)\n"
        "assert lex.create_scrobble.NSID == nsids.APP_ROCKSKY_SCROBBLE_CREATE_SCROBBLE\n"
        "assert 'tonearm.lexicons.app.rocksky.scrobble.get_scrobbles' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
