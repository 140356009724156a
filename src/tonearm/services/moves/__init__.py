"""Moving a local account to an identity of its owner's elsewhere, with all records; it can be stopped and goes on.

Owns the link between the two identities, the move, and what follows it: carrying blobs, former identities.

Model. The owner proves both sides: they are signed in to the local account, and log in to the outside identity.

| state | what happens | how it is done again after a crash |
|---|---|---|
| linking | the login at the other side is awaited | it is begun anew |
| linked | both are proved; the owner starts or cancels | |
| checking | is the outside repository there, and may we write | asked again |
| switching | the old repository is deactivated, then the identity changes | both may be repeated |
| adopting | the outside repository's plays come into the index | what is there is passed over |
| copying | the old repository's records go into the outbox, by pages | page and cursor are one transaction |
| settling | the last copies are on their way | |
| done | | |

Until `switching` it can be cancelled. The change of identity is one transaction of the index: the account keeps its
actor id, name, role and credentials and gets the outside DID and PDS, the actor that the outside identity had here
becomes that of the former DID, and what was on its way gets new numbers. From then on every play goes to the outside
repository, by the outbox as ever, and the copies too: one way, with its batches, its pacing, its questions after an
unclear outcome and its queue for what is refused. The old repository changes no more, so that walking through it once
finds every record; it stays, deactivated, until its owner deletes it.

Record keys. A copy keeps its key, so that references and clients find it. The key of a play need not be its natural one
(`services.record_keys`), which the new DID would change; only tombstones are asked for under both. A play that the
outside repository has under another key (the same song, MBID or ISRC in the same second) takes that key, and its own
record is not copied: nothing is doubled. `moved_play` says where such plays went.

Rejected: copying first and switching at the end. Plays that come meanwhile would have to be in both repositories, a
cancelled move would leave copies behind, and a large account, at the pace that a PDS allows, would write to the old
repository for days. Rejected too: a writer of its own for copies, which would need the outbox's knowledge again.

Invariant: each acknowledged play is at any moment in the old repository before the walk has passed it, or in the
outbox, or in the outside repository, or, refused, in its owner's queue.
"""

from tonearm.services.moves.moves import (
    MoveNotCancellableError,
    MoveNotFoundError,
    MoveRefusedError,
    Moves,
    MoveView,
)

__all__ = ["MoveNotCancellableError", "MoveNotFoundError", "MoveRefusedError", "MoveView", "Moves"]
