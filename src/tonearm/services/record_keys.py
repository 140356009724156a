"""Where a play's record stands, and the key that stands for the play.

A submission leads to the natural key of its play (`play_tid`). Where that is taken by other content, the record takes
one of the next clock ids: at once when another play of ours has the key, later (`move`) when the repository turns out
to hold something else there. So the key of a record says where it is; which play it is follows from who heard what and
when.

Tombstones stand under natural keys alone (invariant 9), and whoever asks for one asks by the natural key of the play at
hand, wherever its record is. Rejected: a tombstone under the key of the record. Submissions do not lead there, and
another client's record may stand there, which was never deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.index import journal
from tonearm.index.queries import moves, plays
from tonearm.services.dedup import KnownPlay, PlaysOfActor
from tonearm.services.identity_hash import CLOCK_BITS, SECOND, first_tid_of, next_clock_id, play_tid, second_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from tonearm.index.engine import Work
    from tonearm.services.indexing import IndexedPlay
    from tonearm.services.preparing import Listener
    from tonearm.services.records import PlayFacts


def natural_tid(did: str, facts: PlayFacts, tid: int) -> int:
    """The natural key of the play whose record stands at `tid`."""
    return play_tid(did, facts.identity, second_of(tid))


def free_tid(tid: int, taken: Container[int]) -> int:
    """The first of `tid` and its next clock ids that is not taken; when all are, those of the next microsecond."""
    while True:
        for _ in range(1 << CLOCK_BITS):
            if tid not in taken:
                return tid
            tid = next_clock_id(tid)
        first = first_tid_of(second_of(tid))
        tid = first + (tid - first + (1 << CLOCK_BITS)) % SECOND


def plays_of_second(actor_id: int, second: int) -> Work[PlaysOfActor]:
    """The plays that the index has of an actor in one second."""
    known = PlaysOfActor()
    for tid, song_id, mbid, isrc, duration_ms in (
        yield from plays.plays_within_seconds(actor_id, [first_tid_of(second)])
    ):
        known.add(KnownPlay(tid, second, song_id, mbid, isrc, duration_ms))
    return known


def move(actor_id: int, tid: int) -> Work[int]:
    """Give a play whose key is taken in the repository the next free one, and all that knows the play by its key.

    Answers the new key. The idempotency keys of many moves are led on together, by
    `journal.lead_idempotency_keys_on`.
    """
    known = yield from plays_of_second(actor_id, second_of(tid))
    new_tid = free_tid(next_clock_id(tid), known.taken)
    ids = yield from plays.song_of_play(actor_id, tid)
    journal_id = yield from plays.move_play(actor_id, tid, new_tid)
    for kind, entity_id in zip(("song", "artist", "album"), ids or (), strict=False):
        yield from plays.move_first_play(kind, actor_id, entity_id, tid, new_tid)  # type: ignore[arg-type]
    if journal_id is not None:
        yield from journal.lead_submission_on(journal_id, new_tid)
    return new_tid


def bury(listener: Listener, facts: PlayFacts, tid: int, now: int) -> Work[None]:
    """Keep a play that was taken out at `tid` from coming back.

    Not when the index has it at another key as well, by another client's record: then it is that play.
    """
    known = yield from plays_of_second(listener.actor_id, second_of(tid))
    if not known.has_song(facts.song_id):
        yield from plays.insert_tombstone(listener.actor_id, natural_tid(listener.did, facts, tid), now)


def unbury(listener: Listener, facts: PlayFacts, second: int) -> Work[None]:
    """Let a play live that was deleted before, under whatever identity its owner had then."""
    for did in (listener.did, *(yield from moves.former_dids(listener.actor_id))):
        yield from plays.delete_tombstone(listener.actor_id, play_tid(did, facts.identity, second))


def buried_among(did: str, actor_id: int, found: Iterable[IndexedPlay]) -> Work[set[int]]:
    """The record keys of those plays, of one actor, that were deleted."""
    dids = (did, *(yield from moves.former_dids(actor_id)))
    naturals = {play.tid: {natural_tid(did, play.facts, play.tid) for did in dids} for play in found}
    buried = yield from plays.tombstones_among(actor_id, sorted(set().union(*naturals.values())))
    return {tid for tid, natural in naturals.items() if natural & buried}
