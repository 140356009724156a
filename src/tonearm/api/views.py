"""Views: what services know, in the shapes of the lexicons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.atproto.at_uri import at_uri
from tonearm.atproto.tid import tid_text
from tonearm.lexicons import nsids
from tonearm.lexicons.app.rocksky import actor as actor_lex
from tonearm.lexicons.app.rocksky import album as album_lex
from tonearm.lexicons.app.rocksky import artist as artist_lex
from tonearm.lexicons.app.rocksky import scrobble as scrobble_lex
from tonearm.lexicons.app.rocksky import song as song_lex
from tonearm.services.history import credits_of
from tonearm.services.identity_hash import (
    MICROS,
    album_identity,
    artist_identity,
    identity_sha256,
    second_of,
    song_identity,
)
from tonearm.services.records import datetime_text

if TYPE_CHECKING:
    from tonearm.index.queries.actors import ActorRow
    from tonearm.index.queries.history import PlayView, SongView
    from tonearm.services.history import AlbumDetails, ArtistDetails, First, PlayDetails, SongDetails
    from tonearm.services.scrobbles import Receipt


@dataclass(frozen=True, slots=True)
class Images:
    """The pictures that stand in for those we do not know; we serve them ourselves."""

    public_url: str

    @property
    def avatar(self) -> str:
        """A listener without an avatar."""
        return f"{self.public_url}/static/avatar.svg"

    @property
    def cover(self) -> str:
        """An album without a cover."""
        return f"{self.public_url}/static/cover.svg"


def played_at(tid: int) -> str:
    """When a play began, from its record key."""
    return datetime_text(second_of(tid))


def song_uri(did: str, song_id: int) -> str:
    """The URI of a song's record in a repository."""
    return at_uri(did, nsids.APP_ROCKSKY_SONG, tid_text(song_id))


def album_uri(did: str, album_id: int) -> str:
    """The URI of an album's record in a repository."""
    return at_uri(did, nsids.APP_ROCKSKY_ALBUM, tid_text(album_id))


def artist_uri(did: str, artist_id: int) -> str:
    """The URI of an artist's record in a repository."""
    return at_uri(did, nsids.APP_ROCKSKY_ARTIST, tid_text(artist_id))


def scrobble_uri(did: str, tid: int) -> str:
    """The URI of a scrobble's record."""
    return at_uri(did, nsids.APP_ROCKSKY_SCROBBLE, tid_text(tid))


def created_scrobble(receipt: Receipt, listener: ActorRow, images: Images) -> scrobble_lex.create_scrobble.Output:
    """The answer to createScrobble: all fifteen documented fields, always."""
    facts = receipt.facts
    when = played_at(receipt.tid)
    return scrobble_lex.create_scrobble.Output(
        id=tid_text(receipt.tid),
        user=listener.handle,
        user_display_name=listener.display_name or listener.handle,
        user_avatar=listener.avatar_url or images.avatar,
        title=facts.title,
        artist=facts.artist,
        artist_uri=artist_uri(listener.did, receipt.artist_id),
        album=facts.album,
        album_uri=album_uri(listener.did, receipt.album_id),
        cover=facts.cover_url or images.cover,
        date=when,
        uri=scrobble_uri(listener.did, receipt.tid),
        sha256=identity_sha256(facts.identity),
        liked=False,
        likes_count=0,
        track_uri=song_uri(listener.did, receipt.song_id),
    )


def scrobble_basic(play: PlayView, images: Images) -> scrobble_lex.defs.ScrobbleViewBasic:
    """A play as a list shows it."""
    when = played_at(play.tid)
    cover = play.cover_url or images.cover
    avatar = play.avatar_url or images.avatar
    return scrobble_lex.defs.ScrobbleViewBasic(
        id=tid_text(play.tid),
        track_id=tid_text(play.song_id),
        title=play.title,
        artist=play.artist,
        album=play.album,
        album_artist=play.album_artist,
        uri=scrobble_uri(play.did, play.tid),
        track_uri=song_uri(play.did, play.song_id),
        artist_uri=artist_uri(play.did, play.artist_id),
        album_uri=album_uri(play.did, play.album_id),
        album_art=cover,
        cover=cover,
        did=play.did,
        handle=play.handle,
        user=play.handle,
        user_display_name=play.display_name or play.handle,
        user_avatar=avatar,
        avatar=avatar,
        date=when,
        timestamp=when,
        created_at=when,
        sha256=identity_sha256(song_identity(play.title, play.artist, play.album)),
        duration=play.duration_ms,
        track_number=play.track_number,
        disc_number=play.disc_number,
        mb_id=play.mbid,
        isrc=play.isrc,
        tags=json.loads(play.genres) if play.genres else None,
        liked=False,
        likes_count=0,
    )


def scrobble_detailed(details: PlayDetails, images: Images) -> scrobble_lex.defs.ScrobbleViewDetailed:
    """A play on its own page."""
    play = details.play
    avatar = play.avatar_url or images.avatar
    return scrobble_lex.defs.ScrobbleViewDetailed(
        id=tid_text(play.tid),
        title=play.title,
        artist=play.artist,
        album=play.album,
        album_artist=play.album_artist,
        uri=scrobble_uri(play.did, play.tid),
        track_uri=song_uri(play.did, play.song_id),
        artist_uri=artist_uri(play.did, play.artist_id),
        album_uri=album_uri(play.did, play.album_id),
        cover=play.cover_url or images.cover,
        user=play.handle,
        user_display_name=play.display_name or play.handle,
        user_avatar=avatar,
        date=played_at(play.tid),
        sha256=identity_sha256(song_identity(play.title, play.artist, play.album)),
        duration=play.duration_ms,
        tags=json.loads(play.genres) if play.genres else None,
        artists=[artist_lex.defs.ArtistViewBasic(name=name) for name, _mbid in details.artists] or None,
        listeners=details.counts.listeners,
        scrobbles=details.counts.plays,
        first_scrobble=_first_scrobble(scrobble_lex.defs.FirstScrobbleView, details.first, images),
        liked=False,
        likes_count=0,
    )


def _first_scrobble(view: Any, first: First | None, images: Images) -> Any:
    if first is None:
        return None
    avatar = first.actor.avatar_url or images.avatar
    return view(handle=first.actor.handle, avatar=avatar, timestamp=played_at(first.tid))


def song_basic(song: SongView, did: str, plays: int, listeners: int, images: Images) -> song_lex.defs.SongViewBasic:
    """A song as a list shows it."""
    return song_lex.defs.SongViewBasic(**_song_fields(song, did, plays, listeners, images))


def song_detailed(details: SongDetails, images: Images) -> song_lex.defs.SongViewDetailed:
    """A song on its own page."""
    song, counts = details.song, details.counts
    return song_lex.defs.SongViewDetailed(
        **_song_fields(song, details.owner_did, counts.plays, counts.listeners, images),
        artists=[artist_lex.defs.ArtistViewBasic(name=name) for name, _mbid in credits_of(song)] or None,
        first_scrobble=_first_scrobble(song_lex.defs.FirstScrobbleView, details.first, images),
    )


def _song_fields(song: SongView, did: str, plays: int, listeners: int, images: Images) -> dict[str, Any]:
    return {
        "id": tid_text(song.song_id),
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "album_artist": song.album_artist,
        "album_art": song.cover_url or images.cover,
        "uri": song_uri(did, song.song_id),
        "artist_uri": artist_uri(did, song.artist_id),
        "album_uri": album_uri(did, song.album_id),
        "duration": song.duration_ms,
        "track_number": song.track_number,
        "disc_number": song.disc_number,
        "mbid": song.mbid,
        "isrc": song.isrc,
        "tags": json.loads(song.genres) if song.genres else None,
        "sha256": identity_sha256(song_identity(song.title, song.artist, song.album)),
        "play_count": plays,
        "unique_listeners": listeners,
    }


def album_detailed(details: AlbumDetails, images: Images) -> album_lex.defs.AlbumViewDetailed:
    """An album with its songs."""
    did = details.owner_did
    return album_lex.defs.AlbumViewDetailed(
        id=tid_text(details.album_id),
        uri=album_uri(did, details.album_id),
        title=details.title,
        artist=details.artist_name,
        artist_uri=artist_uri(did, details.artist_id),
        year=details.year,
        release_date=details.release_date,
        album_art=details.cover_url or images.cover,
        sha256=identity_sha256(album_identity(details.title, details.artist_name)),
        play_count=details.counts.plays,
        unique_listeners=details.counts.listeners,
        tags=details.genres or None,
        tracks=[song_basic(song, did, plays, listeners, images) for song, plays, listeners in details.songs],
    )


def artist_detailed(details: ArtistDetails) -> artist_lex.defs.ArtistViewDetailed:
    """An artist."""
    return artist_lex.defs.ArtistViewDetailed(
        id=tid_text(details.artist_id),
        uri=artist_uri(details.owner_did, details.artist_id),
        name=details.name,
        picture=details.picture_url,
        sha256=identity_sha256(artist_identity(details.name)),
        play_count=details.counts.plays,
        unique_listeners=details.counts.listeners,
        tags=details.genres or None,
        genres=details.genres or None,
    )


def profile_detailed(actor: ActorRow, images: Images) -> actor_lex.defs.ProfileViewDetailed:
    """An actor's profile."""
    return actor_lex.defs.ProfileViewDetailed(
        id=str(actor.actor_id),
        did=actor.did,
        handle=actor.handle,
        display_name=actor.display_name or actor.handle,
        avatar=actor.avatar_url or images.avatar,
        created_at=datetime_text(actor.created_at // MICROS),
        updated_at=datetime_text(actor.updated_at // MICROS),
    )
