"""What must hold of the database and the repositories after every step, whatever went wrong before."""

from __future__ import annotations

import calendar
import sqlite3
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_int, tid_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.write_path_model import Model, Play
    from tests.support.faulty_pds import ScriptedPds

SCROBBLE = "app.rocksky.scrobble"
FOREIGN = "from another client"
"""The title of records that others have put into the repositories."""

Name = tuple[int, str, int]


class Look:
    """The database as it is now, read by plain sqlite3, and the repositories as the PDS has them."""

    def __init__(self, path: Path, pds: ScriptedPds, model: Model, dids: dict[int, str]) -> None:
        self.pds = pds
        self.model = model
        self.dids = dids
        with closing(sqlite3.connect(path)) as connection:
            self.journal: list[Any] = connection.execute("SELECT raw, outcome FROM journal").fetchall()
            self.plays: dict[Name, int] = self._plays(connection)
            self.writes: dict[int, Any] = {
                row[0]: row[1:]
                for row in connection.execute("SELECT write_id, actor_id, collection, rkey, cid FROM repo_write")
            }
            self.outbox: dict[int, bool] = {
                row[0]: bool(row[1]) for row in connection.execute("SELECT write_id, refused FROM outbox")
            }
            self.reasons: list[Any] = connection.execute("SELECT reason FROM outbox WHERE refused = 1").fetchall()
            self.events: list[Any] = connection.execute("SELECT seq, write_id, rev FROM event ORDER BY seq").fetchall()

    @staticmethod
    def _plays(connection: sqlite3.Connection) -> dict[Name, int]:
        rows = connection.execute(
            "SELECT p.actor_id, s.title, p.tid FROM play p LEFT JOIN song s ON s.song_id = p.song_id"
        ).fetchall()
        found = {(actor_id, title, (tid >> 10) // 1_000_000): tid for actor_id, title, tid in rows}
        assert len(found) == len(rows), "a song was played twice in one second"
        return found

    def everything(self) -> None:
        """Check it all."""
        self.each_report_is_journaled_once()
        self.history_is_the_models()
        self.every_acknowledged_play_is_kept()
        self.no_play_has_two_records()
        self.events_are_the_confirmed_writes()
        assert all(reason for (reason,) in self.reasons), "what is refused says why"

    def each_report_is_journaled_once(self) -> None:
        assert dict(self.journal) == self.model.outcomes
        assert len(self.journal) == len(self.model.outcomes)
        assert self.model.acknowledged <= set(self.model.outcomes)

    def history_is_the_models(self) -> None:
        assert self.plays.keys() == {play.name for play in self.model.live}

    def every_acknowledged_play_is_kept(self) -> None:
        """It is in the repository, or on its way there, or in its owner's queue."""
        told = {write_id for _, write_id, _ in self.events}
        by_key: dict[tuple[int, str], list[int]] = {}
        for write_id, (actor_id, collection, rkey, _cid) in self.writes.items():
            if collection == SCROBBLE and (write_id in self.outbox or write_id in told):
                by_key.setdefault((actor_id, rkey), []).append(write_id)
        for play in self.model.live:
            actor_id, rkey = play.actor_id, tid_text(self.plays[play.name])
            (write_id,) = by_key[actor_id, rkey]
            if write_id in self.outbox:
                continue
            there = self.pds.records[self.dids[actor_id]].get((SCROBBLE, rkey))
            assert there is not None, f"{play.name} is nowhere"
            assert there[0] == self.writes[write_id][3], f"{play.name} has the record of something else"

    def ours(self, actor_id: int) -> dict[tuple[str, str], str]:
        """The records that we have put into an actor's repository, with their CIDs."""
        records = self.pds.records.get(self.dids[actor_id], {})
        return {key: cid for key, (cid, block) in records.items() if FOREIGN.encode() not in block}

    def recorded(self) -> list[Name]:
        """The plays of all scrobble records that are ours, one name a record."""
        return [
            self._name(actor_id, rkey, self.pds.records[did][collection, rkey][1])
            for actor_id, did in self.dids.items()
            for collection, rkey in self.ours(actor_id)
            if collection == SCROBBLE
        ]

    @staticmethod
    def _name(actor_id: int, rkey: str, block: bytes) -> Name:
        record = dag_cbor.decode(block)
        second = calendar.timegm(time.strptime(record["createdAt"], "%Y-%m-%dT%H:%M:%S.000Z"))
        assert (tid_int(rkey) >> 10) // 1_000_000 == second, "the key is of the play's second"
        return actor_id, record["title"], second

    def no_play_has_two_records(self) -> None:
        names = Counter(self.recorded())
        assert all(count == 1 for count in names.values()), names
        assert names.keys() <= {play.name for play in self.model.live}, "a record of what nobody played"

    def events_are_the_confirmed_writes(self) -> None:
        assert [seq for seq, _, _ in self.events] == list(range(1, len(self.events) + 1))
        told = [write_id for _, write_id, _ in self.events]
        assert len(set(told)) == len(told), "a write has two events"
        assert not set(told) & self.outbox.keys(), "a write is confirmed and waits as well"
        confirmed = {}
        for write_id in told:
            actor_id, collection, rkey, cid = self.writes[write_id]
            assert self.ours(actor_id).get((collection, rkey)) == cid, "an event of what the repository has not"
            confirmed[actor_id, collection, rkey] = cid
        unheard = {tuple(self.writes[write_id][:3]) for write_id in self.outbox}
        stored = {(actor_id, *key) for actor_id in self.dids for key in self.ours(actor_id)}
        assert stored <= confirmed.keys() | unheard, "a record that nobody will hear of"
        self._in_order(told)
        self._of_commits_that_have_them()

    def _of_commits_that_have_them(self) -> None:
        """An event's revision is one of its repository, at or after the one that stored the record."""
        stored = {(c.did, key): number for number, c in enumerate(self.pds.commits, 1) for key in c.keys}
        for _, write_id, rev in self.events:
            actor_id, collection, rkey, _cid = self.writes[write_id]
            did, number = self.dids[actor_id], tid_int(rev)
            assert stored[did, (collection, rkey)] <= number, "a revision that does not have the record"
            assert self.pds.commits[number - 1].did == did

    def _in_order(self, told: list[int]) -> None:
        """An actor's events come in the order of the commits; a commit that came late is told late."""
        at = {
            (commit.did, key): number
            for number, commit in enumerate(self.pds.commits)
            for key in commit.keys
            if not commit.late
        }
        for actor_id, did in self.dids.items():
            keys = [(did, self.writes[write_id][1:3]) for write_id in told if self.writes[write_id][0] == actor_id]
            numbers = [at[key] for key in keys if key in at]
            assert numbers == sorted(numbers)

    def repositories_are_the_models(self) -> None:
        """At the end: nothing waits, every play has its record, and what it names has one as well."""
        assert not self.outbox, "something still waits"
        assert Counter(self.recorded()) == Counter(play.name for play in self.model.live)
        for actor_id, did in self.dids.items():
            records = self.pds.records.get(did, {})
            titles = {play.song.title for play in self.model.live if play.actor_id == actor_id}
            for collection, named in (("app.rocksky.song", "title"), ("app.rocksky.album", "title")):
                blocks = [block for (where, _), (_, block) in records.items() if where == collection]
                found = {dag_cbor.decode(block)[named] for block in blocks}
                assert titles <= found or FOREIGN in found


def play_named(model: Model, name: Name) -> Play:
    """The live play of that name."""
    (play,) = [play for play in model.live if play.name == name]
    return play
