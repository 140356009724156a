"""Every credential that a run used, and all the places where none of them may be found."""

from __future__ import annotations

import base64
import binascii
import io
import json
import logging
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tonearm.identity.secret_box import SecretBox
from tonearm.index.engine import Work, execute, select
from tonearm.outbound import OutboundClient
from tonearm.telemetry.logs import JsonFormatter, TextFormatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tonearm.core import Core
    from tonearm.index.engine import Database

SHORTEST = 8
SECRET_NAMES = {
    "accessJwt",
    "access_jwt",
    "access_token",
    "client_assertion",
    "code",
    "code_verifier",
    "d",
    "password",
    "refreshJwt",
    "refresh_jwt",
    "refresh_token",
    "token",
    "verifier",
}
"""Names by which requests, answers and sealed texts call what nobody else may know."""


@dataclass
class SecretsUsed:
    """Secrets by what they are. What is in them is in none of the logs, tables and files that are looked through."""

    of: dict[bytes, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    def add(self, what: str, secret: str | bytes) -> None:
        """Remember a secret; each of its usual forms is looked for."""
        raw = secret.encode() if isinstance(secret, str) else secret
        assert len(raw) >= SHORTEST, f"{what} is too short to be looked for"
        forms = {
            raw,
            raw.hex().encode(),
            base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
        }
        self.kinds.add(what)
        for each in forms:
            self.of.setdefault(each, what)

    def found_in(self, text: bytes) -> set[str]:
        """What the text gives away."""
        return {what for form, what in self.of.items() if form in text}

    def add_named(self, where: str, value: Any) -> None:
        """Remember what bears the name of a secret, however deep."""
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in SECRET_NAMES and isinstance(inner, str) and len(inner) >= SHORTEST:
                    self.add(f"{where}: {name}", inner)
                    if name == "d":
                        with suppress(binascii.Error):
                            self.add(f"{where}: {name}", base64.urlsafe_b64decode(inner + "=="))
                else:
                    self.add_named(where, inner)
        elif isinstance(value, list):
            for inner in value:
                self.add_named(where, inner)

    def add_text(self, where: str, text: bytes) -> None:
        """Remember the secrets of a body: JSON, or a form."""
        try:
            self.add_named(where, json.loads(text))
        except ValueError:
            with suppress(UnicodeDecodeError):
                self.add_named(where, dict(parse_qsl(text.decode())))


@contextmanager
def tapped(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsUsed]:
    """Take note of all that is sealed, and of all that is sent to other servers and answered by them."""
    used = SecretsUsed()
    seal, fetch = SecretBox.seal, OutboundClient.fetch

    def sealing(box: SecretBox, plaintext: bytes, context: str) -> bytes:
        kind = context.partition(" ")[0].partition(":")[0]
        if plaintext[:1] == b"{":
            used.add_text(f"sealed {kind}", plaintext)
        else:
            for part in plaintext.split(b":") if kind == "player_key" else (plaintext,):
                used.add(f"sealed {kind}", part)
        return seal(box, plaintext, context)

    async def fetching(client: OutboundClient, method: str, url: str, **given: Any) -> Any:
        for name, value in (given.get("headers") or {}).items():
            if name.lower() in {"authorization", "dpop"}:
                used.add(f"sent {name}", value.rpartition(" ")[2])
        used.add_text("sent", given.get("body") or b"")
        answer = await fetch(client, method, url, **given)
        used.add_text("answered", answer.body)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(SecretBox, "seal", sealing)
        patch.setattr(OutboundClient, "fetch", fetching)
        yield used


@contextmanager
def all_that_is_logged() -> Iterator[io.StringIO]:
    """Everything that any logger says, at debug level and in both forms."""
    told, root = io.StringIO(), logging.getLogger()
    handlers = [logging.StreamHandler(told), logging.StreamHandler(told)]
    level = root.level
    for handler, formatter in zip(handlers, (TextFormatter(), JsonFormatter()), strict=True):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)


async def all_that_is_kept(core: Core) -> dict[str, bytes]:
    """Every column of every table, and the raw files behind them, by their names; without the master key's file."""
    kept: dict[str, bytes] = {}
    for database in (core.index, core.pds_database):
        for table, text in (await database.read(_every_row(database))).items():
            kept[f"table {table}"] = kept.get(f"table {table}", b"") + text
    if core.index.dialect == "sqlite":
        for path in core.settings.data_dir.iterdir():
            if path.is_file() and path.name != "master.key":
                kept[f"file {path.name}"] = path.read_bytes()
        assert {"file index.db-wal", "file pds.db-wal", "file index.db", "file pds.db"} <= kept.keys()
    else:
        kept |= await core.index.write(_raw_files())
    return kept


def _every_row(database: Database) -> Work[dict[str, bytes]]:
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.dialect == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    kept = {}
    for (table,) in (yield select(tables)):
        rows = yield select(f"SELECT * FROM {table}")
        kept[table] = b"\n".join(
            value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
        )
    return kept


def _raw_files() -> Work[dict[str, bytes]]:
    """The files of PostgreSQL's tables and what they hold too long for a row, dead rows too."""
    rows = yield select("SELECT usesuper FROM pg_user WHERE usename = current_user")
    if not rows[0][0]:
        return {}  # only a superuser may read files: the tables are looked through all the same
    yield execute("CHECKPOINT")
    rows = yield select(
        "SELECT c.relname::text, pg_relation_filepath(c.oid), pg_relation_filepath(nullif(c.reltoastrelid, 0)) "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'i')"
    )
    kept = {}
    for name, *paths in rows:
        for number, path in enumerate(paths):
            if path is not None:
                content = yield select("SELECT pg_read_binary_file($1)", path)
                kept[f"file {name} {number}"] = content[0][0] or b""
    wal = yield select("SELECT name FROM pg_ls_waldir() ORDER BY modification DESC LIMIT 4")
    for (name,) in wal:
        content = yield select("SELECT pg_read_binary_file($1)", f"pg_wal/{name}")
        kept[f"file {name}"] = content[0][0] or b""
    return kept
