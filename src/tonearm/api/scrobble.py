"""`app.rocksky.scrobble.*`: keeping a play, and reading plays back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import views
from tonearm.lexicons.app.rocksky import scrobble as lex
from tonearm.services.history import InvalidFilterError
from tonearm.services.preparing import Listener
from tonearm.services.submission import ArtistCredit, Submission

if TYPE_CHECKING:
    from tonearm.api.views import Images
    from tonearm.services.history import History
    from tonearm.services.people import People
    from tonearm.services.scrobbles import Scrobbles
    from tonearm.xrpc.method import ProcedureCall, QueryCall


async def create_scrobble(
    call: ProcedureCall[lex.create_scrobble.Params, lex.create_scrobble.Input],
    scrobbles: Scrobbles,
    people: People,
    images: Images,
) -> lex.create_scrobble.Output:
    """Keep a play durably, then answer with its fifteen fields."""
    caller = call.caller
    submission = submission_of(call.input, scrobbles.now(), raw=call.raw, idempotency_key=call.idempotency_key)
    listener = await people.actor(caller.actor_id)
    (receipt,) = await scrobbles.submit(Listener(caller.actor_id, caller.did), [submission], "xrpc")
    return views.created_scrobble(receipt, listener, images)


async def get_scrobbles(
    call: QueryCall[lex.get_scrobbles.Params], history: History, images: Images
) -> lex.get_scrobbles.Output:
    """Plays, latest first; nobody follows anybody yet, so that the plays of those followed are none."""
    params = call.params
    if params.filter:
        raise InvalidFilterError("this server does not filter scrobbles yet; call without filter")
    if params.following:
        return lex.get_scrobbles.Output(scrobbles=[])
    page = await history.plays(params.did, limit=params.limit, offset=params.offset or 0, cursor=params.cursor)
    return lex.get_scrobbles.Output(
        scrobbles=[views.scrobble_basic(play, images) for play in page.plays], cursor=page.cursor
    )


async def get_scrobble(
    call: QueryCall[lex.get_scrobble.Params], history: History, images: Images
) -> lex.get_scrobble.Output:
    """One play."""
    return views.scrobble_detailed(await history.play(call.params.uri), images)


def submission_of(
    wire: lex.create_scrobble.Input, now_s: float, *, raw: bytes, idempotency_key: str | None
) -> Submission:
    """Read a play in the words of createScrobble.

        {"title": "Hounds of Love", "artist": "Kate Bush", "album": "Hounds of Love", "duration": 182000,
         "timestamp": 1763712000, "mbId": "…", "artists": [{"name": "Kate Bush"}], "genres": ["art pop"]}

    Raises:
        InvalidScrobbleError: see `Submission.of`.
    """
    return Submission.of(
        now_s=now_s,
        title=wire.title,
        artist=wire.artist,
        album=wire.album,
        album_artist=wire.album_artist,
        played_at_s=wire.timestamp,
        duration_ms=wire.duration,
        mbid=wire.mb_id,
        isrc=wire.isrc,
        artists=tuple(ArtistCredit(artist.name, artist.mbid) for artist in wire.artists or () if artist.name),
        genres=tuple(genre for genre in wire.genres or () if genre.strip()),
        track_number=wire.track_number,
        disc_number=wire.disc_number,
        year=wire.year,
        release_date=wire.release_date,
        lyrics=wire.lyrics,
        composer=wire.composer,
        copyright_message=wire.copyright_message,
        label=wire.label,
        album_art_url=wire.album_art,
        artist_picture_url=wire.artist_picture,
        spotify_link=wire.spotify_link,
        lastfm_link=wire.lastfm_link,
        tidal_link=wire.tidal_link,
        apple_music_link=wire.apple_music_link,
        youtube_link=wire.youtube_link,
        deezer_link=wire.deezer_link,
        raw=raw,
        idempotency_key=idempotency_key,
    )
