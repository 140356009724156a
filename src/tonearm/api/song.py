"""`app.rocksky.song.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import views

if TYPE_CHECKING:
    from tonearm.api.views import Images
    from tonearm.lexicons.app.rocksky import song as lex
    from tonearm.services.history import History
    from tonearm.xrpc.method import QueryCall


async def get_song(call: QueryCall[lex.get_song.Params], history: History, images: Images) -> lex.get_song.Output:
    """The song by its record, MBID, ISRC or Spotify id, whichever is given first in this order."""
    params = call.params
    details = await history.song(uri=params.uri, mbid=params.mbid, isrc=params.isrc, spotify_id=params.spotify_id)
    return views.song_detailed(details, images)
