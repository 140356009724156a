"""`app.tonearm.journal.*`: what is not in the caller's repository yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.atproto.json_data import to_json
from tonearm.lexicons.app.tonearm import journal as lex
from tonearm.services.identity_hash import MICROS
from tonearm.services.preparing import Listener
from tonearm.services.records import datetime_text
from tonearm.services.submission import ArtistCredit, InvalidScrobbleError

if TYPE_CHECKING:
    from tonearm.services.journal_queue import Entry, JournalQueue
    from tonearm.xrpc.auth import Principal
    from tonearm.xrpc.method import ProcedureCall, QueryCall

_FIELD_OF = {
    "mb_id": "mbid",
    "album_art": "album_art_url",
    "artist_picture": "artist_picture_url",
    "duration": "duration_ms",
    "timestamp": "played_at_s",
}
"""Fields of the input that `Submission` calls otherwise."""


async def get_queue(call: QueryCall[lex.get_queue.Params], queue: JournalQueue) -> lex.get_queue.Output:
    """The caller's queue, oldest first."""
    params = call.params
    entries, cursor = await queue.entries(
        _listener(call.caller), state=params.state, limit=params.limit, cursor=params.cursor
    )
    return lex.get_queue.Output(entries=[_view(entry) for entry in entries], cursor=cursor)


async def retry_entry(
    call: ProcedureCall[lex.retry_entry.Params, lex.retry_entry.Input], queue: JournalQueue
) -> lex.retry_entry.Output:
    """Try an entry again at once."""
    return lex.retry_entry.Output(entry=_view(await queue.retry(_listener(call.caller), call.input.id)))


async def discard_entry(
    call: ProcedureCall[lex.discard_entry.Params, lex.discard_entry.Input], queue: JournalQueue
) -> None:
    """Give an entry up."""
    await queue.discard(_listener(call.caller), call.input.id)


async def edit_entry(
    call: ProcedureCall[lex.edit_entry.Params, lex.edit_entry.Input], queue: JournalQueue
) -> lex.edit_entry.Output:
    """Correct a play and try it again."""
    changes = _changes(call.input)
    return lex.edit_entry.Output(
        entry=_view(await queue.edit(_listener(call.caller), call.input.id, changes, call.raw))
    )


def _listener(principal: Principal) -> Listener:
    return Listener(principal.actor_id, principal.did)


def _changes(wire: lex.edit_entry.Input) -> dict[str, Any]:
    """The changed fields of the submission. A null changes nothing; a field named in `clear` becomes unknown."""
    changes: dict[str, Any] = {}
    of_wire = {field.alias or name: name for name, field in type(wire).model_fields.items() if name not in _NO_FIELDS}
    for name in of_wire.values():
        value = getattr(wire, name)
        if value is None:
            continue
        if name == "artists":
            value = tuple(ArtistCredit(artist.name, artist.mbid) for artist in value if artist.name.strip())
        elif name == "genres":
            value = tuple(genre for genre in value if genre.strip())
        changes[_FIELD_OF.get(name, name)] = value
    for wire_name in wire.clear or ():
        if wire_name not in of_wire:
            raise InvalidScrobbleError(f"clear names {wire_name}, which is no field of a play")
        name = _FIELD_OF.get(of_wire[wire_name], of_wire[wire_name])
        changes[name] = () if name in {"artists", "genres"} else None
    return changes


_NO_FIELDS = {"id", "clear"}


def _view(entry: Entry) -> lex.defs.EntryView:
    return lex.defs.EntryView(
        id=f"{entry.write_id:x}",
        uri=entry.uri,
        collection=entry.collection,
        state=entry.state,
        reason=entry.reason,
        message=entry.message,
        attempts=entry.attempts,
        submitted_at=datetime_text(entry.submitted_at // MICROS),
        last_tried_at=None if entry.tried_at is None else datetime_text(entry.tried_at // MICROS),
        source=entry.source,
        record=None if entry.record is None else to_json(entry.record),
    )
