"""Plays of accounts that have changed their identity, in the write path.

An account that moves keeps its actor id and gets another DID; the outside identity may have had an account and an actor
of its own, which becomes the former identity's. A play can still arrive for either as they were: it was authenticated a
moment before. It is led to the account as it is now, in the transaction that stores it, so that no play ends where
nothing is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.index.queries import moves, plays
from tonearm.services.identity_hash import play_tid
from tonearm.services.preparing import Listener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.index.engine import Work
    from tonearm.services.preparing import PreparedPlay


def follow(group: Sequence[PreparedPlay]) -> Work[dict[int, list[str]]]:
    """Lead the plays of moved accounts to what those are now; answers their former DIDs by actor."""
    rows = yield from moves.former_among(sorted({prepared.listener.actor_id for prepared in group}))
    former: dict[int, list[str]] = {}
    now: dict[int, Listener] = {}
    for row in rows:
        former.setdefault(row.actor_id, []).append(row.former_did)
        now[row.former_id] = now[row.actor_id] = Listener(row.actor_id, row.did)
    if now:
        for prepared in group:
            listener = now.get(prepared.listener.actor_id)
            if listener is not None and listener != prepared.listener:
                prepared.listener = listener
                prepared.natural_tid = play_tid(listener.did, prepared.facts.identity, prepared.second)
                prepared.undecide()
    return former


def buried(actor_id: int, of_actor: Sequence[PreparedPlay], former_dids: Sequence[str]) -> Work[set[int]]:
    """The natural keys of those plays that the account's owner deleted under a former identity."""
    naturals = {
        play_tid(did, prepared.facts.identity, prepared.second): prepared.natural_tid
        for prepared in of_actor
        for did in former_dids
    }
    found = yield from plays.tombstones_among(actor_id, list(naturals))
    return {naturals[tid] for tid in found}
