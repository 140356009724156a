"""Reading back: plays, songs, albums, artists, profiles.

What was acknowledged is there at once, since answers come from the index that the acknowledgement committed to.
Pages are keyset pages: a cursor is the key of the last row, so that rows put in meanwhile neither repeat nor skip any.
Plays are ordered by time, then by record key, then by actor: the order is total, ties included.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.at_uri import parse_at_uri
from tonearm.atproto.tid import tid_int
from tonearm.index.queries import actors, history, moves
from tonearm.index.queries import plays as play_rows
from tonearm.lexicons import nsids
from tonearm.services.recording_ids import isrc_of, mbid_of

if TYPE_CHECKING:
    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import ActorRow
    from tonearm.index.queries.history import Counts, PlayView, SongView

MOST = 1000
"""The most rows of a page; a higher limit is taken as this one."""
END_OF_TIME = (1 << 63) - 1
ALBUM_TRACKS = 500


class ActorNotFoundError(LookupError):
    """The index knows nobody by that DID or handle."""


class RecordNotFoundError(LookupError):
    """The index has no such record."""


class InvalidFilterError(ValueError):
    """A filter that is not offered, or not well-formed. The message says where."""


class InvalidCursorError(ValueError):
    """A cursor that this method did not give. Begin again without it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of plays, and the cursor of the next one; None when this was the last."""

    plays: list[PlayView]
    cursor: str | None


class First(NamedTuple):
    """The first play of something, and whose it was."""

    actor: ActorRow
    tid: int


@dataclass(frozen=True, slots=True)
class PlayDetails:
    """A play with what the index counts about its song."""

    play: PlayView
    counts: Counts
    first: First | None
    artists: list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class SongDetails:
    """A song, whose repository its URIs name, and what the index counts about it."""

    song: SongView
    owner_did: str
    counts: Counts
    first: First | None


@dataclass(frozen=True, slots=True)
class AlbumDetails:
    """An album with its songs."""

    album_id: int
    artist_id: int
    title: str
    artist_name: str
    year: int | None
    release_date: str | None
    cover_url: str | None
    owner_did: str
    counts: Counts
    genres: list[str]
    songs: list[tuple[SongView, int, int]]


@dataclass(frozen=True, slots=True)
class ArtistDetails:
    """An artist."""

    artist_id: int
    name: str
    mbid: str | None
    picture_url: str | None
    owner_did: str
    counts: Counts
    genres: list[str]


@dataclass(frozen=True, slots=True)
class History:
    """The read side of the index."""

    database: Database

    async def plays(self, actor: str | None, *, limit: int, offset: int, cursor: str | None) -> Page:
        """Plays, latest first: an actor's (DID or handle), or everybody's.

        `limit` above `MOST` is taken as `MOST`; `offset` is ignored when a cursor is given.

        Raises:
            ActorNotFoundError: nobody is known by that name.
            InvalidCursorError: the cursor is not one of ours.
        """
        return await self.database.read(_plays(actor, min(limit, MOST), offset, cursor))

    async def play(self, uri: str) -> PlayDetails:
        """One play by its record's URI, whose authority is a DID or a handle.

        Raises:
            RecordNotFoundError: the index has no such play.
        """
        return await self.database.read(_play(uri))

    async def song(
        self, *, uri: str | None = None, mbid: str | None = None, isrc: str | None = None, spotify_id: str | None = None
    ) -> SongDetails:
        """One song, by the first of these that is given.

        Raises:
            RecordNotFoundError: the index has no such song.
        """
        return await self.database.read(_song(uri, mbid, isrc, spotify_id))

    async def album(self, uri: str) -> AlbumDetails:
        """One album by its record's URI.

        Raises:
            RecordNotFoundError: the index has no such album.
        """
        return await self.database.read(_album(uri))

    async def artist(self, uri: str) -> ArtistDetails:
        """One artist by their record's URI.

        Raises:
            RecordNotFoundError: the index has no such artist.
        """
        return await self.database.read(_artist(uri))

    async def actor(self, did_or_handle: str) -> ActorRow:
        """One actor.

        Raises:
            ActorNotFoundError: nobody is known by that name.
        """
        return await self.database.read(_actor(did_or_handle))


def _actor(did_or_handle: str) -> Work[ActorRow]:
    actor = yield from actors.visible_actor_named(did_or_handle)
    if actor is None:
        raise ActorNotFoundError(f"nobody is known here as {did_or_handle}")
    return actor


def _plays(actor: str | None, limit: int, offset: int, cursor: str | None) -> Work[Page]:
    before = _read_cursor(cursor)
    offset = 0 if cursor else offset
    if actor is None:
        plays = yield from history.plays_of_all(before, limit + 1, offset)
    else:
        actor_id = (yield from _actor(actor)).actor_id
        plays = yield from history.plays_of(actor_id, before[0], limit + 1, offset)
    more = len(plays) > limit
    plays = plays[:limit]
    return Page(plays, f"{plays[-1].tid:x}.{plays[-1].actor_id:x}" if more else None)


def _read_cursor(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return END_OF_TIME, END_OF_TIME
    tid, _, actor_id = cursor.partition(".")
    try:
        key = int(tid, 16), int(actor_id, 16)
    except ValueError:
        key = -1, -1
    if len(cursor) > 40 or not all(0 <= part <= END_OF_TIME for part in key):
        raise InvalidCursorError("the cursor is not one that this method gave; begin again without it")
    return key


def _located(uri: str, collection: str) -> Work[tuple[ActorRow, int]]:
    where = parse_at_uri(uri)
    try:
        if where.collection != collection or where.rkey is None:
            raise ValueError
        tid = tid_int(where.rkey)
    except ValueError:
        raise RecordNotFoundError(f"{uri} is not the URI of a record of {collection}") from None
    actor = yield from actors.visible_actor_named(where.authority)
    if actor is None:
        raise RecordNotFoundError(f"nobody is known here as {where.authority}")
    return actor, tid


def _first(counts: Counts) -> Work[First | None]:
    if counts.first_actor_id is None or counts.first_tid is None:
        return None
    found = yield from actors.actors_with_ids([counts.first_actor_id])
    return First(found[counts.first_actor_id], counts.first_tid)


def _play(uri: str) -> Work[PlayDetails]:
    actor, tid = yield from _located(uri, nsids.APP_ROCKSKY_SCROBBLE)
    play = yield from history.play_view(actor.actor_id, tid)
    if play is None and (led := (yield from moves.moved_plays_among(actor.actor_id, [tid]))):
        play = yield from history.play_view(actor.actor_id, led[tid].tid)
    if play is None:
        raise RecordNotFoundError(f"there is no scrobble {uri}")
    counts = yield from history.counts_of("song", play.song_id)
    first = yield from _first(counts)
    song = yield from history.song_by("song_id", play.song_id)
    return PlayDetails(play, counts, first, credits_of(song) if song else [])


def _song(uri: str | None, mbid: str | None, isrc: str | None, spotify_id: str | None) -> Work[SongDetails]:
    owner_did = None
    if uri is not None:
        actor, song_id = yield from _owned("song", uri, nsids.APP_ROCKSKY_SONG)
        owner_did = actor.did
        song = yield from history.song_by("song_id", song_id)
    elif mbid is not None:
        song = yield from history.song_by("mbid", mbid_of(mbid) or mbid)
    elif isrc is not None:
        song = yield from history.song_by("isrc", isrc_of(isrc) or isrc)
    elif spotify_id is not None:
        song = yield from history.song_by("spotify_id", spotify_id)
    else:
        raise RecordNotFoundError("say which song: by uri, mbid, isrc or spotifyId")
    if song is None:
        raise RecordNotFoundError("no song is known by that identifier")
    counts = yield from history.counts_of("song", song.song_id)
    first = yield from _first(counts)
    return SongDetails(song, owner_did or (yield from history.maker_did("song", song.song_id)), counts, first)


def _owned(kind: play_rows.Kind, uri: str, collection: str) -> Work[tuple[ActorRow, int]]:
    actor, entity_id = yield from _located(uri, collection)
    if not (yield from play_rows.owned_among(kind, actor.actor_id, [entity_id])):
        raise RecordNotFoundError(f"there is no {kind} {uri}")
    return actor, entity_id


def _album(uri: str) -> Work[AlbumDetails]:
    actor, album_id = yield from _owned("album", uri, nsids.APP_ROCKSKY_ALBUM)
    row = yield from history.album_by_id(album_id)
    if row is None:
        raise RecordNotFoundError(f"there is no album {uri}")
    counts = yield from history.counts_of("album", album_id)
    songs = yield from history.songs_of_album(album_id, ALBUM_TRACKS)
    per_song = yield from history.song_counts([song.song_id for song in songs])
    lists = yield from history.genres_of("album_id", album_id)
    tracks = [(song, *per_song.get(song.song_id, (0, 0))) for song in songs]
    album_id, artist_id, title, artist_name, year, release_date, cover_url = row
    return AlbumDetails(
        album_id=album_id,
        artist_id=artist_id,
        title=title,
        artist_name=artist_name,
        year=year,
        release_date=release_date,
        cover_url=cover_url,
        owner_did=actor.did,
        counts=counts,
        genres=merged_genres(lists),
        songs=tracks,
    )


def _artist(uri: str) -> Work[ArtistDetails]:
    actor, artist_id = yield from _owned("artist", uri, nsids.APP_ROCKSKY_ARTIST)
    row = yield from history.artist_by_id(artist_id)
    if row is None:
        raise RecordNotFoundError(f"there is no artist {uri}")
    counts = yield from history.counts_of("artist", artist_id)
    lists = yield from history.genres_of("artist_id", artist_id)
    _, name, mbid, picture_url = row
    return ArtistDetails(artist_id, name, mbid, picture_url, actor.did, counts, merged_genres(lists))


def merged_genres(lists: list[str]) -> list[str]:
    """The genres of several songs, the most frequent first, at most 20."""
    tally: dict[str, int] = {}
    for text in lists:
        for genre in json.loads(text):
            tally[genre] = tally.get(genre, 0) + 1
    return sorted(tally, key=lambda genre: (-tally[genre], genre))[:20]


def credits_of(song: SongView) -> list[tuple[str, str | None]]:
    """The credited artists of a song: (name, MBID) in the order of the credit."""
    return [(name, mbid) for name, mbid in json.loads(song.artists)] if song.artists else []
