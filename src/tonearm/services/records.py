"""From a submission to records, and from a record back to what was really known.

A record must have an album, an album artist and a duration, and bounds its texts; a play may lack or exceed them. The
record is then filled in (album = title, album artist = artist, duration = 1) or cut at a grapheme boundary, and says so
in its `tonearm` extension: `assumed` names the filled fields, `full` holds the uncut texts. `play_facts` undoes both:
the index is made from it alone, for our own writes as for a repository that is read back (invariants 3 and 4).
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

from tonearm.atproto.formats import is_uri
from tonearm.lexicons import nsids
from tonearm.services.identity_hash import album_identity, artist_identity, identity_id, song_identity
from tonearm.services.recording_ids import isrc_of, mbid_of
from tonearm.services.submission import ArtistCredit, InvalidScrobbleError

if TYPE_CHECKING:
    from tonearm.services.submission import Submission

RecordData: TypeAlias = dict[str, Any]

COLLECTIONS = (
    nsids.APP_ROCKSKY_SCROBBLE,
    nsids.APP_ROCKSKY_SONG,
    nsids.APP_ROCKSKY_ALBUM,
    nsids.APP_ROCKSKY_ARTIST,
)
"""The collections that this server writes in people's repositories."""
TITLE_BYTES = 512
NAME_BYTES = 256
LYRICS_BYTES = 10_000
ISRC_BYTES = 32
ASSUMED_DURATION_MS = 1
MAX_INTEGER = 2**53 - 1

_SPOTIFY_TRACK = re.compile(r"\bspotify(?:\.com(?:/intl-\w+)?/|:)track[/:]([A-Za-z0-9]{22})\b")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class Entity(NamedTuple):
    """A song, album or artist that a play names: the id that its identity leads to, and which fields are known.

    Bits of `known`, from the lowest, by kind: song: duration, track number, disc number, MBID, ISRC, Spotify id; album:
    year, release date, cover, that a play named it; artist: picture.
    """

    natural_id: int
    identity: str
    known: int


class Entities(NamedTuple):
    """What a play names, in the order in which the catalogue needs it."""

    artist: Entity
    album: Entity
    song: Entity


@dataclass(slots=True)
class PlayFacts:
    """What the index takes from a scrobble record. `album` and `album_artist` are filled in; `album_known` tells.

    Nobody changes one; it is not frozen because that would make each take four times as long to make.
    `mbid` and `isrc` are identifiers in their one spelling, or None: what identifies nothing is not taken over.
    """

    title: str
    artist: str
    album: str
    album_artist: str
    album_known: bool
    duration_ms: int | None
    track_number: int | None
    disc_number: int | None
    year: int | None
    release_date: str | None
    mbid: str | None
    isrc: str | None
    spotify_id: str | None
    genres: tuple[str, ...]
    artists: tuple[ArtistCredit, ...]
    cover_url: str | None
    picture_url: str | None
    entities: Entities = field(init=False)

    def __post_init__(self) -> None:
        self.entities = _entities(self)

    @property
    def identity(self) -> str:
        """The identity of the song."""
        return self.entities.song.identity

    @property
    def song_id(self) -> int:
        """The natural id of the song."""
        return self.entities.song.natural_id


def scrobble_record(submission: Submission, played_at_s: int) -> RecordData:
    """The scrobble record of a play, as the data model has it."""
    record = _track(submission)
    record["$type"] = nsids.APP_ROCKSKY_SCROBBLE
    record["createdAt"] = datetime_text(played_at_s)
    extension = _extension(submission)
    if extension:
        record["tonearm"] = extension
    return record


def song_record(submission: Submission, created_at_s: int) -> RecordData:
    """The record of the song, written once for each listener."""
    return {**scrobble_record(submission, created_at_s), "$type": nsids.APP_ROCKSKY_SONG}


def album_record(submission: Submission, created_at_s: int) -> RecordData:
    """The record of the album, written once for each listener."""
    return _present(
        {
            "$type": nsids.APP_ROCKSKY_ALBUM,
            "title": cut(submission.album or submission.title, TITLE_BYTES),
            "artist": cut(submission.album_artist or submission.artist, NAME_BYTES),
            "year": _bounded(submission.year),
            "releaseDate": release_datetime(submission.release_date),
            "albumArtUrl": submission.album_art_url,
            "tags": _tags(submission),
            "createdAt": datetime_text(created_at_s),
        }
    )


def artist_record(submission: Submission, created_at_s: int) -> RecordData:
    """The record of the album artist, written once for each listener."""
    return _present(
        {
            "$type": nsids.APP_ROCKSKY_ARTIST,
            "name": cut(submission.album_artist or submission.artist, TITLE_BYTES),
            "pictureUrl": submission.artist_picture_url,
            "tags": _tags(submission),
            "createdAt": datetime_text(created_at_s),
        }
    )


def _track(submission: Submission) -> RecordData:
    return _present(
        {
            "title": cut(submission.title, TITLE_BYTES),
            "artist": cut(submission.artist, NAME_BYTES),
            "artists": [_present({"name": cut(a.name, NAME_BYTES), "mbid": a.mbid}) for a in submission.artists]
            or None,
            "album": cut(submission.album or submission.title, NAME_BYTES),
            "albumArtist": cut(submission.album_artist or submission.artist, NAME_BYTES),
            "duration": _bounded(submission.duration_ms) or ASSUMED_DURATION_MS,
            "releaseDate": release_datetime(submission.release_date),
            "year": _bounded(submission.year),
            "albumArtUrl": submission.album_art_url,
            "composer": cut(submission.composer, NAME_BYTES),
            "lyrics": cut(submission.lyrics, LYRICS_BYTES),
            "trackNumber": _bounded(submission.track_number),
            "discNumber": _bounded(submission.disc_number),
            "copyrightMessage": cut(submission.copyright_message, NAME_BYTES),
            "label": cut(submission.label, NAME_BYTES),
            "spotifyLink": submission.spotify_link,
            "tidalLink": submission.tidal_link,
            "appleMusicLink": submission.apple_music_link,
            "youtubeLink": submission.youtube_link,
            "tags": _tags(submission),
            "mbid": submission.mbid,
            "isrc": cut(submission.isrc, ISRC_BYTES),
        }
    )


def _extension(submission: Submission) -> RecordData:
    assumed = []
    if submission.album is None:
        assumed.append("album")
    if submission.album_artist is None:
        assumed.append("albumArtist")
    if submission.duration_ms is None:
        assumed.append("duration")
    texts = (
        ("title", submission.title, TITLE_BYTES),
        ("artist", submission.artist, NAME_BYTES),
        ("album", submission.album or submission.title, NAME_BYTES),
        ("albumArtist", submission.album_artist or submission.artist, NAME_BYTES),
    )
    full = {name: text for name, text, limit in texts if _exceeds(text, limit)}
    return _present(
        {
            "assumed": assumed or None,
            "full": full or None,
            "lastfmLink": submission.lastfm_link,
            "deezerLink": submission.deezer_link,
            "artistPicture": submission.artist_picture_url,
        }
    )


def play_facts(record: RecordData) -> PlayFacts:
    """What a scrobble (or song) record says, with what was assumed or cut put right.

    What a foreign repository may hold and the index cannot, such as a number for a title, counts as absent.

    Raises:
        InvalidScrobbleError: the record has no title or no artist.
    """
    extension = record.get("tonearm")
    extension = extension if type(extension) is dict else {}
    assumed = extension.get("assumed")
    assumed = assumed if type(assumed) is list else ()
    full = extension.get("full")
    full = full if type(full) is dict else {}

    def text(name: str) -> str | None:
        uncut = _text(full.get(name)) if full else None
        return uncut or _text(record.get(name))

    title, artist = text("title"), text("artist")
    if title is None or artist is None:
        raise InvalidScrobbleError("the record has no title or no artist")
    album = text("album")
    return PlayFacts(
        title=title,
        artist=artist,
        album=album or title,
        album_artist=text("albumArtist") or artist,
        album_known=album is not None and "album" not in assumed,
        duration_ms=None if "duration" in assumed else _count(record.get("duration")),
        track_number=_count(record.get("trackNumber")),
        disc_number=_count(record.get("discNumber")),
        year=_count(record.get("year")),
        release_date=_date(record.get("releaseDate")),
        mbid=mbid_of(mbid) if (mbid := _text(record.get("mbid"))) else None,
        isrc=isrc_of(isrc) if (isrc := _text(record.get("isrc"))) else None,
        spotify_id=_spotify_id(record.get("spotifyLink")),
        genres=_texts(record.get("tags")),
        artists=_credits(record.get("artists")),
        cover_url=_web_url(record.get("albumArtUrl")),
        picture_url=_web_url(extension.get("artistPicture")),
    )


def _entities(facts: PlayFacts) -> Entities:
    artist = artist_identity(facts.album_artist)
    album = album_identity(facts.album, facts.album_artist)
    song = song_identity(facts.title, facts.artist, facts.album)
    of_song = (facts.duration_ms, facts.track_number, facts.disc_number, facts.mbid, facts.isrc, facts.spotify_id)
    of_album = (facts.year, facts.release_date, facts.cover_url, facts.album_known or None)
    return Entities(
        Entity(identity_id(artist), artist, known_bits((facts.picture_url,))),
        Entity(identity_id(album), album, known_bits(of_album)),
        Entity(identity_id(song), song, known_bits(of_song)),
    )


def known_bits(values: tuple[object, ...]) -> int:
    """Which of these are not None: the first is the lowest bit."""
    bits = 0
    for position, value in enumerate(values):
        if value is not None:
            bits |= 1 << position
    return bits


def _text(value: object) -> str | None:
    """A text that says something. NOTE: PostgreSQL has no text with a NUL in it."""
    return value if type(value) is str and value and "\x00" not in value else None


def _texts(value: object) -> tuple[str, ...]:
    if type(value) is not list:
        return ()
    return tuple([text for item in value if (text := _text(item))])  # a list is made in half the time of a generator


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 < value <= MAX_INTEGER else None


def _date(value: object) -> str | None:
    """The day of a datetime. NOTE: without its hyphens `fromisoformat` would read other notations too."""
    if type(value) is not str or value[4:8:3] != "--":
        return None
    day = value[:10]
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return None
    return day


def _web_url(value: object) -> str | None:
    return value if type(value) is str and value.startswith(("https://", "http://")) and is_uri(value) else None


def _spotify_id(value: object) -> str | None:
    match = _SPOTIFY_TRACK.search(value) if type(value) is str else None
    return match[1] if match else None


def _credits(value: object) -> tuple[ArtistCredit, ...]:
    if type(value) is not list:
        return ()
    return tuple(
        ArtistCredit(name, _text(credit.get("mbid")))
        for credit in value
        if type(credit) is dict and (name := _text(credit.get("name")))
    )


def _present(values: RecordData) -> RecordData:
    return {name: value for name, value in values.items() if value is not None}


def _tags(submission: Submission) -> list[str] | None:
    return [text for genre in submission.genres if (text := cut(genre, NAME_BYTES))] or None


def _bounded(value: int | None) -> int | None:
    return value if value is not None and value <= MAX_INTEGER else None


def _exceeds(text: str, limit_bytes: int) -> bool:
    return len(text) * 4 > limit_bytes and len(text.encode()) > limit_bytes


@overload
def cut(text: str, limit_bytes: int) -> str: ...
@overload
def cut(text: None, limit_bytes: int) -> None: ...
@overload
def cut(text: str | None, limit_bytes: int) -> str | None: ...
def cut(text: str | None, limit_bytes: int) -> str | None:
    """The text, or as much of its beginning as fits in `limit_bytes` of UTF-8 without breaking a grapheme cluster."""
    if text is None or not _exceeds(text, limit_bytes):
        return text
    import regex  # noqa: PLC0415 - rarely needed, and heavy to import

    kept: list[str] = []
    left = limit_bytes
    for cluster in regex.finditer(r"\X", text):
        left -= len(cluster.group().encode())
        if left < 0:
            break
        kept.append(cluster.group())
    return "".join(kept) or text.encode()[:limit_bytes].decode(errors="ignore")


@lru_cache(maxsize=512)
def datetime_text(seconds: int) -> str:
    """A time as lexicons write it: `2026-11-21T08:30:00.000Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def release_datetime(date: str | None) -> str | None:
    """A release date `YYYY-MM-DD` as a datetime; None when it is not a date of the calendar."""
    if date is None or not _DATE.match(date):
        return None
    try:
        dt.date.fromisoformat(date)
    except ValueError:
        return None
    return f"{date}T00:00:00.000Z"


def submission_values(record: RecordData) -> dict[str, Any]:
    """The values of `Submission.of` that lead to this scrobble record."""
    facts = play_facts(record)
    extension = record.get("tonearm") or {}
    assumed = extension.get("assumed") or ()
    played_at = dt.datetime.fromisoformat(record["createdAt"])
    return {
        "title": facts.title,
        "artist": facts.artist,
        "album": facts.album if facts.album_known else None,
        "album_artist": None if "albumArtist" in assumed else facts.album_artist,
        "played_at_s": int(played_at.timestamp()),
        "duration_ms": facts.duration_ms,
        "mbid": record.get("mbid"),
        "isrc": record.get("isrc"),
        "artists": facts.artists,
        "genres": facts.genres,
        "track_number": facts.track_number,
        "disc_number": facts.disc_number,
        "year": facts.year,
        "release_date": facts.release_date,
        "lyrics": record.get("lyrics"),
        "composer": record.get("composer"),
        "copyright_message": record.get("copyrightMessage"),
        "label": record.get("label"),
        "album_art_url": record.get("albumArtUrl"),
        "artist_picture_url": extension.get("artistPicture"),
        "spotify_link": record.get("spotifyLink"),
        "lastfm_link": extension.get("lastfmLink"),
        "tidal_link": record.get("tidalLink"),
        "apple_music_link": record.get("appleMusicLink"),
        "youtube_link": record.get("youtubeLink"),
        "deezer_link": extension.get("deezerLink"),
    }
