"""Records as callers send them: typed, validated where the lexicon is known, given a key where they have none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from tonearm.atproto.formats import is_tid
from tonearm.atproto.tid import tid_text
from tonearm.lexicons import nsids
from tonearm.lexicons.app import rocksky as rocksky_lex
from tonearm.lexicons.app.bsky import actor as bsky_actor_lex
from tonearm.lexicons.app.rocksky import actor as actor_lex
from tonearm.lexicons.app.rocksky import feed as feed_lex
from tonearm.lexicons.app.rocksky import graph as graph_lex
from tonearm.lexicons.app.rocksky.rockbox import audio as audio_lex
from tonearm.lexicons.fm.teal import actor as teal_actor_lex
from tonearm.lexicons.fm.teal import feed as teal_feed_lex
from tonearm.lexicons.fm.teal.alpha import actor as alpha_actor_lex
from tonearm.lexicons.fm.teal.alpha import feed as alpha_feed_lex
from tonearm.pds.builtin.errors import InvalidWriteError
from tonearm.pds.builtin.repository.pacer import Pacer
from tonearm.pds.builtin.repository.records import edit_of_block, edit_of_data
from tonearm.pds.builtin.repository.rows import UNSET, Action, Edit, Unset
from tonearm.xrpc.lexicon_errors import LexiconError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.atproto.tid import TidClock

Status: TypeAlias = Literal["valid", "unknown"]

IN_THREAD = 5
"""From so many records on, they are validated in a worker thread."""

_KNOWN: dict[str, tuple[Any, str]] = {
    nsids.APP_ROCKSKY_SCROBBLE: (rocksky_lex, "scrobble.main"),
    nsids.APP_ROCKSKY_SONG: (rocksky_lex, "song.main"),
    nsids.APP_ROCKSKY_ALBUM: (rocksky_lex, "album.main"),
    nsids.APP_ROCKSKY_ARTIST: (rocksky_lex, "artist.main"),
    nsids.APP_ROCKSKY_LIKE: (rocksky_lex, "like.main"),
    nsids.APP_ROCKSKY_SHOUT: (rocksky_lex, "shout.main"),
    nsids.APP_ROCKSKY_PLAYLIST: (rocksky_lex, "playlist.main"),
    nsids.APP_ROCKSKY_PLAYLIST_ITEM: (rocksky_lex, "playlist_item"),
    nsids.APP_ROCKSKY_RADIO: (rocksky_lex, "radio.main"),
    nsids.APP_ROCKSKY_ACTOR_STATUS: (actor_lex, "status"),
    nsids.APP_ROCKSKY_FEED_GENERATOR: (feed_lex, "generator"),
    nsids.APP_ROCKSKY_GRAPH_FOLLOW: (graph_lex, "follow"),
    nsids.APP_ROCKSKY_ROCKBOX_AUDIO_SETTINGS: (audio_lex, "settings"),
    nsids.APP_BSKY_ACTOR_PROFILE: (bsky_actor_lex, "profile"),
    nsids.FM_TEAL_ACTOR_STATUS: (teal_actor_lex, "status"),
    nsids.FM_TEAL_FEED_PLAY: (teal_feed_lex, "play"),
    nsids.FM_TEAL_ALPHA_ACTOR_STATUS: (alpha_actor_lex, "status"),
    nsids.FM_TEAL_ALPHA_FEED_PLAY: (alpha_feed_lex, "play"),
}
"""The record lexicons that we have: a package, and what is imported from it when the first such record comes."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A write as it was asked for. `value` is None for a deletion, `rkey` None for a new key."""

    action: Action
    collection: str
    rkey: str | None
    value: dict[str, Any] | None = None
    swap: str | Unset | None = UNSET


class Prepared(NamedTuple):
    """A write that can be stored. `status` is None where nothing was validated."""

    edit: Edit
    status: Status | None


async def prepare(writes: Sequence[Incoming], tids: TidClock, *, validate: bool | None) -> list[Prepared]:
    """Check writes and give keys to the records that have none.

    Args:
        writes: in order.
        tids: makes keys.
        validate: False checks no lexicon, True demands that each is known, None checks those that are.

    Raises:
        InvalidWriteError: one of them can't be stored.
    """
    keyed = [(write, _new_key(write.collection, tids) if write.rkey is None else write.rkey) for write in writes]
    if len(writes) < IN_THREAD:
        return [_prepared(write, rkey, validate) for write, rkey in keyed]
    return await asyncio.to_thread(_prepare_all, keyed, validate)


def _prepare_all(keyed: list[tuple[Incoming, str]], validate: bool | None) -> list[Prepared]:
    pause = Pacer()
    prepared = []
    for write, rkey in keyed:
        prepared.append(_prepared(write, rkey, validate))
        pause()
    return prepared


def _prepared(write: Incoming, rkey: str, validate: bool | None) -> Prepared:
    if write.value is None:
        return Prepared(edit_of_block(write.action, write.collection, rkey, swap=write.swap), None)
    value = {"$type": write.collection, **write.value}
    lexicon = None if validate is False else _lexicon(write.collection)
    if validate and lexicon is None:
        raise InvalidWriteError(f"the lexicon of {write.collection} is not known here, so validate must not be true")
    if lexicon is not None:
        _check(lexicon, write.collection, rkey, value)
    edit = edit_of_data(write.action, write.collection, rkey, value, swap=write.swap)
    if validate is False:
        return Prepared(edit, None)
    return Prepared(edit, "unknown" if lexicon is None else "valid")


def _lexicon(collection: str) -> Any:
    known = _KNOWN.get(collection)
    if known is None:
        return None
    lexicon, path = known
    for name in path.split("."):
        lexicon = getattr(lexicon, name)
    return lexicon


def _new_key(collection: str, tids: TidClock) -> str:
    lexicon = _lexicon(collection)
    kind: str = "tid" if lexicon is None else lexicon.KEY
    return kind.removeprefix("literal:") if kind.startswith("literal:") else tid_text(tids.next())


def _check(lexicon: Any, collection: str, rkey: str, value: dict[str, Any]) -> None:
    kind: str = lexicon.KEY
    if kind == "tid" and not is_tid(rkey):
        raise InvalidWriteError(f"the record key of {collection} must be a TID")
    if kind.startswith("literal:") and rkey != kind.removeprefix("literal:"):
        raise InvalidWriteError(f"the record key of {collection} must be {kind.removeprefix('literal:')}")
    try:
        lexicon.Record.from_data(value)
    except LexiconError as error:
        raise InvalidWriteError(f"no valid {collection}: {error}") from error
