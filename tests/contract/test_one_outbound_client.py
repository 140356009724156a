"""Requests to other servers are made in `tonearm.outbound` alone, where the rules about addresses are."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[2] / "src" / "tonearm"
CLIENTS = frozenset(
    {"ClientSession", "TCPConnector", "ClientRequest", "urlopen", "urlretrieve", "HTTPConnection", "HTTPSConnection"}
    | {"open_connection", "create_connection", "create_datagram_endpoint", "ws_connect", "build_opener"}
)
MODULES = frozenset({"httpx", "requests", "urllib3", "pycurl", "http.client", "urllib.request", "ftplib", "smtplib"})


def clients_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of whatever can open a connection."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in CLIENTS:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
            yield from ((node.lineno, name) for name in names & MODULES)
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in CLIENTS)


def annotations_left_out(source: str) -> str:
    """The source without what only a type checker reads."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass(lineno=node.lineno)]
    return ast.unparse(tree)


def test_no_other_module_opens_a_connection() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{name}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not path.is_relative_to(SOURCE / "outbound")
        for _, name in clients_in(annotations_left_out(path.read_text()))
    ]
    assert found == []


def test_the_one_client_is_found_where_it_is() -> None:
    assert "ClientSession" in {name for _, name in clients_in((SOURCE / "outbound" / "client.py").read_text())}


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "from aiohttp import ClientSession",
        "import aiohttp\naiohttp.ClientSession()",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client",
        "import asyncio\nasyncio.open_connection('x', 1)",
        "loop.create_connection(f, 'x', 1)",
    ],
)
def test_a_second_client_is_noticed(source: str) -> None:
    assert list(clients_in(source))
