"""What becomes of each table's rows when an account takes an identity that has used this server before."""

from __future__ import annotations

from tonearm.index import tables
from tonearm.index.queries import identity_change, moves
from tonearm.index.tables.columns import Table


def test_every_table_that_names_an_actor_is_thought_of() -> None:
    assert tables.AccountMove in Table.__subclasses__()
    naming = {
        table.name
        for table in Table.metadata.tables.values()
        if "actor_id" in table.columns and not table.name.startswith("pds_")
    }
    listed = [
        *identity_change.HANDED_OVER,
        *identity_change.WRITTEN,
        *identity_change.REPLACED,
        *(table for table, _ in identity_change.UNITED),
        *identity_change.DROPPED,
        *identity_change.COUNTED,
        *identity_change.APART,
    ]
    assert sorted(listed) == sorted(naming)
    makers = {table.name for table in Table.metadata.tables.values() if "made_by" in table.columns}
    assert makers == set(identity_change.MADE)


def test_a_move_is_described_by_the_columns_of_its_table() -> None:
    columns = {column.name for column in Table.metadata.tables["account_move"].columns}
    assert set(moves.MoveRow._fields) == columns - {"lease_holder", "lease_until"}
