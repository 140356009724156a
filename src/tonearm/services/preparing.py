"""What a submission leads to, computed before the writer is asked: identity, record key, the record's final bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.atproto import dag_cbor
from tonearm.atproto.cid import cid_text_of_dag_cbor
from tonearm.atproto.tid import tid_text
from tonearm.index.outbox import WriteRow
from tonearm.lexicons import nsids
from tonearm.services import dedup, records
from tonearm.services.identity_hash import MICROS, play_tid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.services.catalog import Catalog, Kind
    from tonearm.services.records import PlayFacts, RecordData
    from tonearm.services.submission import Submission


@dataclass(frozen=True, slots=True)
class Listener:
    """The account that a play belongs to."""

    actor_id: int
    did: str


@dataclass(slots=True)
class PreparedPlay:
    """A submission with all that can be known of it before the writer is asked, and what the writer decides.

    `tid` starts as `natural_tid` and ends as the key of the play that the submission became or repeats.
    """

    listener: Listener
    submission: Submission
    source: str
    received_at: int
    second: int
    facts: PlayFacts
    natural_tid: int
    record: bytes
    cid: str
    tid: int = 0
    outcome: str = "stored"
    reason: str = dedup.NEW
    journal_id: int = 0

    def __post_init__(self) -> None:
        self.undecide()

    def undecide(self) -> None:
        """Forget what was decided: the unit of work begins again."""
        self.tid, self.outcome, self.reason = self.natural_tid, "stored", dedup.NEW


def encoded(record: RecordData) -> tuple[bytes, str]:
    """A record's bytes and their CID as text."""
    block = dag_cbor.encode(record)
    return block, cid_text_of_dag_cbor(block)


def prepare(listener: Listener, submission: Submission, source: str, now: float) -> PreparedPlay:
    """Compute what a submission leads to; `now` is its play time when it names none."""
    second = int(now) if submission.played_at_s is None else submission.played_at_s
    record = records.scrobble_record(submission, second)
    facts = records.play_facts(record)
    block, cid = encoded(record)
    tid = play_tid(listener.did, facts.identity, second)
    return PreparedPlay(listener, submission, source, int(now * MICROS), second, facts, tid, block, cid)


_COMPOSED = (
    ("artist", 1, nsids.APP_ROCKSKY_ARTIST, records.artist_record),
    ("album", 2, nsids.APP_ROCKSKY_ALBUM, records.album_record),
    ("song", 0, nsids.APP_ROCKSKY_SONG, records.song_record),
)


def writes_of(
    plays: Sequence[PreparedPlay], first: set[tuple[Kind, int, int]], last_write_id: int, catalog: Catalog
) -> list[WriteRow]:
    """The writes that plays lead to, in the order in which they shall reach the repository.

    `first` holds the (kind, actor_id, id) whose records the actors' repositories do not have yet: each is written once,
    before the first scrobble that names it. Write ids go on from `last_write_id`.
    """
    rows: list[WriteRow] = []
    left = set(first)

    def add(play: PreparedPlay, collection: str, key: int, record: bytes, cid: str) -> None:
        write_id = last_write_id + len(rows) + 1
        actor_id = play.listener.actor_id
        rows.append(WriteRow(write_id, actor_id, "create", collection, tid_text(key), cid, record, play.journal_id))

    for play in plays:
        ids = catalog.ids_of(play.facts)
        for kind, position, collection, compose in _COMPOSED:
            key = (kind, play.listener.actor_id, ids[position])
            if key in left:
                left.remove(key)
                add(play, collection, ids[position], *encoded(compose(play.submission, play.second)))
        add(play, nsids.APP_ROCKSKY_SCROBBLE, play.tid, play.record, play.cid)
    return rows
