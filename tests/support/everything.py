"""All rows of both databases, for tests that look for what must not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.atproto.frames import decode_frame
from tonearm.index.engine import Work, select
from tonearm.index.tables.columns import Table
from tonearm.pds.builtin.tables import PdsTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tonearm.core import Core
    from tonearm.index.engine import Database

TABLES = {table.name: [column.name for column in table.columns] for table in Table.metadata.tables.values()}
PDS_TABLES = {table.name: [column.name for column in table.columns] for table in PdsTable.metadata.tables.values()}


def _rows(table: str, columns: Iterable[str]) -> Work[list[dict[str, Any]]]:
    rows = yield select(f"SELECT {', '.join(columns)} FROM {table}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


async def everything(core: Core) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table, by its name."""
    stores: tuple[tuple[Database, dict[str, list[str]]], ...] = (
        (core.index, {name: columns for name, columns in TABLES.items() if not name.startswith("pds_")}),
        (core.pds_database, PDS_TABLES),
    )
    return {
        name: await database.read(_rows(name, columns))
        for database, tables in stores
        for name, columns in tables.items()
    }


def places_of(rows: dict[str, list[dict[str, Any]]], *wanted: str) -> set[tuple[str, str]]:
    """The (table, column) in which any of some texts stands, in the clear."""
    found = set()
    for table, of_table in rows.items():
        for row in of_table:
            for column, value in row.items():
                text = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b""
                if any(each.encode() in text for each in wanted):
                    found.add((table, column))
    return found


def places_of_actor(rows: dict[str, list[dict[str, Any]]], actor_id: int) -> set[tuple[str, str]]:
    """The (table, column) in which an actor's id stands."""
    return {
        (table, column)
        for table, of_table in rows.items()
        for row in of_table
        for column in ("actor_id", "made_by")
        if row.get(column) == actor_id
    }


async def account_events(core: Core, did: str) -> list[tuple[bool, str | None]]:
    """(active, status) of each #account event of a repository, oldest first."""
    found = []
    newest = (await core.pds.events.bounds())[1]
    async for seq, data in core.pds.events.frames(0):
        frame = decode_frame(data)
        if frame.type == "#account" and frame.body["did"] == did:
            found.append((frame.body["active"], frame.body.get("status")))
        if seq == newest:
            break
    return found
