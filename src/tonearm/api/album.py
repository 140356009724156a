"""`app.rocksky.album.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import views

if TYPE_CHECKING:
    from tonearm.api.views import Images
    from tonearm.lexicons.app.rocksky import album as lex
    from tonearm.services.history import History
    from tonearm.xrpc.method import QueryCall


async def get_album(call: QueryCall[lex.get_album.Params], history: History, images: Images) -> lex.get_album.Output:
    """The album whose record this is."""
    return views.album_detailed(await history.album(call.params.uri), images)
